using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on containers, named by id or by any object that belongs to one.</summary>
public abstract class ContainerCmdlet : SessionCmdlet
{
    internal const string ById = "Id";
    internal const string ByObject = "InputObject";
    internal const string ByEvent = "Event";

    /// <summary>Ids of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = [];

    /// <summary>Containers, or tasks, processes or exits of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    // A parameter of its own: PowerShell binds objects to an array of a class by their type, but to one of an interface only after it has tried -Id.
    /// <summary>Events of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByEvent)]
    [ValidateNotNull]
    public CtrEvent[] Event { get; set; } = [];

    /// <summary>Does the work for each container that this record names; a failure is an error of its own.</summary>
    internal void ForEachContainer(Action<ContainerTarget> work)
    {
        if (ParameterSetName != ById)
        {
            foreach (var item in InputObject.Concat<ICtrContainerObject>(Event))
                Try(item, () => work(new ContainerTarget(Resolve(item), item.ContainerId, item)));
        }
        else
        {
            foreach (var id in Id)
                Try(id, () => work(new ContainerTarget(Resolve(), id, null)));
        }
    }
}

/// <summary>A container that a cmdlet acts on: where it is, its id, and the object that named it.</summary>
internal sealed record ContainerTarget(NamespaceClient Namespace, string Id, ICtrContainerObject? Item)
{
    /// <summary>The exec that the object stands for; null for the container's own process.</summary>
    internal string? ExecId => Item switch
    {
        CtrProcess process => process.ExecId,
        CtrExit exit => exit.ExecId,
        CtrEvent happened when happened.ProcessId.Length > 0 && happened.ProcessId != happened.ContainerId => happened.ProcessId,
        CtrProcessInfo { ExecId: null, IsInit: false } process => throw new CtrArgumentException($"Process {process.Pid} of container '{Id}' is neither its first one nor an exec's: containerd cannot name it.")
        {
            ErrorId = "ProcessNotAddressable",
            Subject = process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Remedy = "Pass the container, or a process that has an ExecId or is the init process.",
        },
        CtrProcessInfo process => process.ExecId,
        _ => null,
    };
}
