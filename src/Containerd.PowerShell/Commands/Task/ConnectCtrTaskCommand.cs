using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Finds tasks that an earlier PowerShell, or another client, started in containers. Corresponds to libcontainerd's Restore.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrTaskConnection), typeof(string))]
public sealed class ConnectCtrTaskCommand : ContainerCmdlet, IAttachParameters
{
    /// <summary>
    /// Attaches this console to the process: shows its output from now on and, if it has a terminal, sends it your keystrokes. The
    /// attachment ends when the process exits or you type the detach keys; without a terminal, Ctrl+C detaches. Detaching leaves the
    /// process running.
    /// </summary>
    [Parameter]
    public SwitchParameter Attach { get; set; }

    /// <summary>
    /// With -Attach, indicates that a process without a terminal reads your input from this console; Ctrl+D ends its input.
    /// </summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ArgumentCompleter(typeof(DetachKeysCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? DetachKeys { get; set; }

    /// <summary>With -Attach, specifies the number of earlier lines of each stream to show first.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>With -Attach, specifies the id of an exec to attach to instead of the container's own process.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ExecCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ExecId { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (!Attach)
            {
                TaskAttachment.RequireAttach(this, nameof(Interactive), nameof(DetachKeys), nameof(Tail), nameof(ExecId));
                WriteObject(Await(cancellationToken => target.Namespace.Tasks.ConnectAsync(target.Id, cancellationToken)));
                return;
            }

            var attachment = new TaskAttachment(this, this, Await, PostAsync);
            var execId = ExecId ?? target.ExecId;
            attachment.Do(() =>
                attachment.Connect(
                    target,
                    execId,
                    Await(cancellationToken => target.Namespace.Tasks.HasTerminalAsync(target.Id, execId, cancellationToken)),
                    Tail
                )
            );
        });
}
