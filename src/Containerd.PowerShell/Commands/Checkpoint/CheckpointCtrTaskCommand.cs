using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Saves running tasks with their memory (libcontainerd's CreateCheckpoint), each with its container's changes to the root file system,
/// into a directory
/// or an archive. It needs CRIU on the daemon's host, and runc.
/// </summary>
[Cmdlet(VerbsData.Checkpoint, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrCheckpoint))]
public sealed class CheckpointCtrTaskCommand : ContainerCmdlet
{
    /// <summary>
    /// A directory that is empty or not there yet, or an archive that is not there yet: .tar, .tar.gz, .tgz, .tar.zst, .tzst by its name,
    /// or a tar with -Archive. For
    /// several tasks a script block: -Path { "backup/$($_.ContainerId).tar.gz" }.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Makes an archive, whatever its name.</summary>
    [Parameter]
    public SwitchParameter Archive { get; set; }

    /// <summary>Ends the task once it is saved; otherwise it goes on, frozen only while it is saved.</summary>
    [Parameter]
    public SwitchParameter Exit { get; set; }

    /// <summary>
    /// Saves connected TCP sockets too (CRIU's tcp-established). Their peers must still be there at the restore, and the address the same:
    /// so they are with
    /// -HostNetwork, and within a container.
    /// </summary>
    [Parameter]
    [Alias("TcpEstablished")]
    public SwitchParameter AllowOpenTcp { get; set; }

    /// <summary>
    /// Lets datagram unix sockets lead out of the container (CRIU's ext-unix-sk), to another in the same network namespace, as with
    /// -HostNetwork. They are connected
    /// again by their path.
    /// </summary>
    [Parameter]
    [Alias("ExtUnixSk")]
    public SwitchParameter AllowExternalUnixSocket { get; set; }

    /// <summary>
    /// Lets processes have the terminal of somebody who is not saved (CRIU's shell-job), such as what an exec's shell has started in its
    /// background. CRIU may fail
    /// to restore them. A terminal that containerd gave the container needs no leave.
    /// </summary>
    [Parameter]
    [Alias("ShellJob")]
    public SwitchParameter AllowTerminal { get; set; }

    /// <summary>Saves locks on files (CRIU's file-locks).</summary>
    [Parameter]
    [Alias("FileLocks")]
    public SwitchParameter AllowFileLock { get; set; }

    /// <summary>
    /// Leaves the container's changes to its root file system out: enough to go on in the same container, seldom for a new one.
    /// </summary>
    [Parameter]
    public SwitchParameter IgnoreRootfs { get; set; }

    /// <summary>A directory for CRIU's log and scratch files, which stay there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkPath { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var path = ResolvePath(Path);
            if (!ShouldProcess($"{target.Shown} ({path})", Exit ? "Save and end task" : "Save task"))
                return;
            var creation = new CheckpointCreateOptions
            {
                Path = path,
                Archive = Archive ? true : null,
                Exit = Exit,
                OpenTcp = AllowOpenTcp,
                ExternalUnixSockets = AllowExternalUnixSocket,
                Terminal = AllowTerminal,
                FileLocks = AllowFileLock,
                IgnoreRootfs = IgnoreRootfs,
                WorkPath = WorkPath is null ? null : ResolvePath(WorkPath),
            };
            var progress = new CheckpointProgressView(path, record => Post(() => WriteProgress(record)));
            try
            {
                WriteObject(
                    Await(cancellationToken => target.Namespace.Checkpoints.CreateAsync(target.Id, creation, progress, cancellationToken))
                );
            }
            finally
            {
                if (!Stopping && progress.Completed() is { } last)
                    WriteProgress(last);
            }
        });
}
