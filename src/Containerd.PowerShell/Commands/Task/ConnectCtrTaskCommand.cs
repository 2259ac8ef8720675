using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Finds what an earlier PowerShell, or another client, started in containers (libcontainerd's Restore): whether it lives, its pid, its
/// streams, its running
/// execs. Get-CtrLog then reads its output, Send-CtrInput writes to its input; a container without a task is not alive, and no error. With
/// -Attach it joins this
/// terminal, or the pipeline, to the running process in the object's place.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrTaskConnection), typeof(string))]
public sealed class ConnectCtrTaskCommand : ContainerCmdlet, IAttachParameters
{
    /// <summary>
    /// Shows what the process writes from now on, and has it read what is typed where it has a terminal, until it ends or the detach keys
    /// are typed; without a terminal
    /// Ctrl+C ends it. The process goes on then.
    /// </summary>
    [Parameter]
    public SwitchParameter Attach { get; set; }

    /// <summary>
    /// With -Attach, passes the console's input to a process without a terminal; its end (Ctrl+D) is the process's end of input.
    /// </summary>
    [Parameter]
    public SwitchParameter Interactive { get; set; }

    /// <summary>
    /// With -Attach, the keys that leave a terminal, typed one after the other; None for none. Without it Ctrl+P, Ctrl+Q.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(DetachKeysCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? DetachKeys { get; set; }

    /// <summary>With -Attach, so many earlier lines of each stream first.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Tail { get; set; }

    /// <summary>With -Attach, an exec in the place of the container's own process.</summary>
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
