using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists tasks: the running, stopped and paused processes of containers. Corresponds to libcontainerd's Status.</summary>
[Cmdlet(VerbsCommon.Get, "CtrTask", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrTask))]
public sealed class GetCtrTaskCommand : ContainerListCmdlet<CtrTask>
{
    /// <summary>Specifies the states of the tasks to return.</summary>
    [Parameter]
    public CtrStatus[]? Status { get; set; }

    private protected override Task<CtrTask> GetAsync(NamespaceClient ns, string id, CancellationToken cancellationToken) =>
        ns.Tasks.GetAsync(id, cancellationToken);

    private protected override async Task<IReadOnlyList<CtrTask>> ListAsync(NamespaceClient ns, CancellationToken cancellationToken) =>
        await ns.Tasks.ListAsync(cancellationToken).ConfigureAwait(false);

    private protected override bool IsWanted(CtrTask item) => Status is null || Status.Contains(item.Status);
}
