using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Saves running tasks with their memory to a directory or an archive. Corresponds to libcontainerd's CreateCheckpoint.</summary>
[Cmdlet(VerbsData.Checkpoint, "CtrTask", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(CtrCheckpoint))]
public sealed class CheckpointCtrTaskCommand : ContainerCmdlet
{
    /// <summary>
    /// Specifies a directory, which must be empty or not exist, or an archive, which must not exist: .tar, .tar.gz, .tgz, .tar.zst or .tzst
    /// by its name, or a tar with -Archive. For several tasks, use a script block: -Path { "backup/$($_.ContainerId).tar.gz" }.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Indicates that an archive is written, whatever the name.</summary>
    [Parameter]
    public SwitchParameter Archive { get; set; }

    /// <summary>
    /// Indicates that the task is stopped once it is saved. By default, it continues, and is frozen only while it is saved.
    /// </summary>
    [Parameter]
    public SwitchParameter Exit { get; set; }

    /// <summary>
    /// Indicates that connected TCP sockets are saved too (CRIU's tcp-established). At the restore, their peers must still exist and the
    /// address must be the same, as is the case with -HostNetwork and for connections within a container.
    /// </summary>
    [Parameter]
    [Alias("TcpEstablished")]
    public SwitchParameter AllowOpenTcp { get; set; }

    /// <summary>
    /// Indicates that datagram Unix domain sockets may be connected to a socket outside the container (CRIU's ext-unix-sk) in the same
    /// network namespace, as with -HostNetwork. They are connected again by path.
    /// </summary>
    [Parameter]
    [Alias("ExtUnixSk")]
    public SwitchParameter AllowExternalUnixSocket { get; set; }

    /// <summary>
    /// Indicates that processes may use the terminal of a process that is not saved (CRIU's shell-job), such as background processes of an
    /// exec's shell. CRIU may fail to restore them. Not needed for a terminal that containerd created.
    /// </summary>
    [Parameter]
    [Alias("ShellJob")]
    public SwitchParameter AllowTerminal { get; set; }

    /// <summary>Indicates that file locks are saved too (CRIU's file-locks).</summary>
    [Parameter]
    [Alias("FileLocks")]
    public SwitchParameter AllowFileLock { get; set; }

    /// <summary>
    /// Indicates that the container's changes to its root file system are not saved. The checkpoint can then be restored in the same
    /// container, but seldom in a new one.
    /// </summary>
    [Parameter]
    public SwitchParameter IgnoreRootfs { get; set; }

    /// <summary>Specifies a directory for CRIU's log and temporary files, which are kept there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkPath { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var path = ResolvePath(Path);
            if (!ShouldProcess($"{target.Shown} ({path})", Exit ? "Save and stop task" : "Save task"))
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
