namespace Containerd.PowerShell;

/// <summary>What to do about errors of checkpoints and restores.</summary>
internal static class CheckpointRecommendations
{
    private const string FromCheckpoint = "Specify a directory or an archive that Checkpoint-CtrTask created.";
    private const string OpenTcp = "Use -AllowOpenTcp when you create the checkpoint.";
    private const string ExternalUnixSocket = "Use -AllowExternalUnixSocket when you create the checkpoint.";
    private const string FileLock = "Use -AllowFileLock when you create the checkpoint.";

    private const string Terminal =
        "Use -AllowTerminal when you create the checkpoint. The terminal is that of an exec that started the process in the background.";

    private const string Network =
        "CRIU cannot save a Unix socket that is connected to another network namespace. Run the container with -HostNetwork, and "
        + "use -AllowExternalUnixSocket.";

    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.CheckpointEmpty] = _ => FromCheckpoint,
        [ErrorIds.CheckpointFailed + ".AllowExternalUnixSocket"] = _ => ExternalUnixSocket,
        [ErrorIds.CheckpointFailed + ".AllowFileLock"] = _ => FileLock,
        [ErrorIds.CheckpointFailed + ".AllowOpenTcp"] = _ => OpenTcp,
        [ErrorIds.CheckpointFailed + ".AllowTerminal"] = _ => Terminal,
        [ErrorIds.CheckpointFailed + ".HostNetwork"] = _ => Network,
        [ErrorIds.CheckpointMismatch + ".NewContainer"] = _ => "Create a new container from it with Restore-CtrContainer.",
        [ErrorIds.CheckpointMismatch + ".WithoutStdin"] = _ => "Restore it without -WithStdin.",
        [ErrorIds.CheckpointNotFound] = _ => FromCheckpoint,
        [ErrorIds.CheckpointNotFinished + ".CheckTask"] = e =>
            $"Check with Get-CtrTask {e.Subject} whether the task is still running. If so, create another checkpoint, and remove "
            + "that folder.",
        [ErrorIds.ConfirmationRequired] = _ => "Restore it with -Force if you trust the creator of the checkpoint.",
        [ErrorIds.IdMapNotSupported + ".CheckpointWithoutIdMap"] = _ => "Run the container without -UidMap and -GidMap.",
        [ErrorIds.IdMapNotSupported + ".CommitWithoutIdMap"] = _ =>
            "Make the changes in a container without -UidMap and -GidMap, and create the image from that container.",
        [ErrorIds.InvalidCheckpoint] = _ => FromCheckpoint,
        [ErrorIds.RestoreFailed + ".AllowExternalUnixSocket"] = _ => ExternalUnixSocket,
        [ErrorIds.RestoreFailed + ".AllowFileLock"] = _ => FileLock,
        [ErrorIds.RestoreFailed + ".AllowOpenTcp"] = _ => OpenTcp,
        [ErrorIds.RestoreFailed + ".AllowTerminal"] = _ => Terminal,
        [ErrorIds.RestoreFailed + ".HostNetwork"] = _ => Network,
        [ErrorIds.RestoreFailed + ".ReadLog"] = e =>
            $"Get-CtrLog {e.Subject} shows its last lines. Restore-CtrContainer -NoStart keeps a container whose start fails.",
    };
}
