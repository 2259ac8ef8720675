using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on containers, named by id or by any object that belongs to one.</summary>
public abstract class ContainerCmdlet : SessionCmdlet
{
    internal const string ById = "Id";
    internal const string ByObject = "InputObject";
    internal const string ByEvent = "Event";

    /// <summary>Specifies the ids or names of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ById)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [ValidateNotNullOrEmpty]
    public virtual string[] Id { get; set; } = [];

    /// <summary>Specifies containers, or tasks, processes or exits of containers.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrContainerObject[] InputObject { get; set; } = [];

    // A separate parameter: PowerShell binds objects to an array of a class by their type, but to an array of an interface only after it
    // has tried -Id.
    /// <summary>Specifies events of containers, as Watch-CtrEvent returns them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByEvent)]
    [ValidateNotNull]
    public CtrEvent[] Event { get; set; } = [];

    /// <summary>Runs an action on a container that returns nothing, and returns the container's task with -PassThru.</summary>
    internal void Do(ContainerTarget target, Func<CancellationToken, Task> work, bool passThru) =>
        Do(
            target.Subject,
            async cancellationToken =>
            {
                await work(cancellationToken).ConfigureAwait(false);
                return passThru ? await target.Namespace.Tasks.GetAsync(target.Id, cancellationToken).ConfigureAwait(false) : null;
            },
            task =>
            {
                if (task is not null)
                    WriteObject(task);
            }
        );

    /// <summary>Runs the action for each container of this record; each failure is a separate error.</summary>
    internal virtual void ForEachContainer(Action<ContainerTarget> work)
    {
        if (ParameterSetName != ById)
        {
            foreach (var item in InputObject.Concat<ICtrContainerObject>(Event))
                TryPerSession(item, () => work(new ContainerTarget(Resolve(item), item.ContainerId, item) { SessionLabel = SessionLabel }));
        }
        else
        {
            foreach (var id in Id)
                TryPerSession(id, () => work(TargetArgument.Named(this, id) with { SessionLabel = SessionLabel }));
        }
    }
}

/// <summary>A container that a cmdlet acts on: its namespace, its id, and the object that identified it.</summary>
internal sealed record ContainerTarget(NamespaceClient Namespace, string Id, ICtrContainerObject? Item)
{
    /// <summary>The subject of an error about it: the object, or else the id.</summary>
    internal object Subject => (object?)Item ?? Given ?? Id;

    /// <summary>The caller's text for it: its name, or the beginning of its id; null if the caller used the full id or an object.</summary>
    internal string? Given { get; init; }

    /// <summary>The container as -WhatIf and -Confirm show it: its name, if it is known, and its id.</summary>
    internal string Shown =>
        Given is not null && Given != Id ? $"{Given} ({Id})"
        : Item is CtrContainer { Name: { } name } ? $"{name} ({Id})"
        : Id;

    /// <summary>The session of the container, for later errors, if there are several sessions; otherwise null.</summary>
    internal string? SessionLabel { get; init; }

    /// <summary>Whether a pattern selected it, instead of its name.</summary>
    internal bool IsMatch { get; init; }

    /// <summary>The exec that the object represents; null for the container's own process.</summary>
    internal string? ExecId =>
        Item switch
        {
            CtrProcess process => process.ExecId,
            CtrExit exit => exit.ExecId,
            CtrEvent happened when happened.ProcessId.Length > 0 && happened.ProcessId != happened.ContainerId => happened.ProcessId,
            CtrProcessInfo { ExecId: null, IsInit: false } process => throw new CtrArgumentException(
                $"Process {process.Pid} of container '{Id}' is neither its init process nor an exec: containerd has no id for it."
            )
            {
                ErrorId = ErrorIds.ProcessNotAddressable,
                Subject = process.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Remedy = "Use the container, or a process that has an ExecId or is the init process.",
            },
            CtrProcessInfo process => process.ExecId,
            _ => null,
        };
}
