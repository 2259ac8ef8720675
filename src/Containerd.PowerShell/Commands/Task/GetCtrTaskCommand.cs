using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists tasks: what runs, is stopped or paused in containers (libcontainerd's Status).</summary>
[Cmdlet(VerbsCommon.Get, "CtrTask", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrTask))]
public sealed class GetCtrTaskCommand : SessionCmdlet
{
    /// <summary>Ids of containers; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ById)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Containers, or tasks, processes or exits of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByObject)]
    public CtrContainerObject[] InputObject { get; set; } = [];

    /// <summary>Only tasks in one of these states.</summary>
    [Parameter]
    public CtrStatus[]? Status { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ContainerCmdlet.ByObject)
        {
            foreach (var item in InputObject)
                Try(item, () => Write(Await(cancellation => Resolve(item).Tasks.GetAsync(item.ContainerId, cancellation))));
            return;
        }

        foreach (var id in Id)
        {
            Try(id, () =>
            {
                var tasks = Resolve().Tasks;
                if (!WildcardPattern.ContainsWildcardCharacters(id))
                {
                    Write(Await(cancellation => tasks.GetAsync(id, cancellation)));
                    return;
                }

                var pattern = WildcardPattern.Get(id, WildcardOptions.None);
                foreach (var task in Await(tasks.ListAsync))
                {
                    if (pattern.IsMatch(task.ContainerId))
                        Write(task);
                }
            });
        }
    }

    private void Write(CtrTask task)
    {
        if (Status is null || Status.Contains(task.Status))
            WriteObject(task);
    }
}
