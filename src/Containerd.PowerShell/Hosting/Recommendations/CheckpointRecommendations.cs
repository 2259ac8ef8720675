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
        "CRIU cannot save a Unix socket that is connected to another network namespace. Run the container with -HostNetwork, and use -AllowExternalUnixSocket.";

    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        ["CheckpointEmpty"] = _ => FromCheckpoint,
        ["CheckpointFailed.AllowExternalUnixSocket"] = _ => ExternalUnixSocket,
        ["CheckpointFailed.AllowFileLock"] = _ => FileLock,
        ["CheckpointFailed.AllowOpenTcp"] = _ => OpenTcp,
        ["CheckpointFailed.AllowTerminal"] = _ => Terminal,
        ["CheckpointFailed.HostNetwork"] = _ => Network,
        ["CheckpointMismatch.NewContainer"] = _ => "Create a new container from it with Restore-CtrContainer.",
        ["CheckpointMismatch.WithoutStdin"] = _ => "Restore it without -WithStdin.",
        ["CheckpointNotFound"] = _ => FromCheckpoint,
        ["CheckpointNotFinished.CheckTask"] = e =>
            $"Check with Get-CtrTask {e.Subject} whether the task is still running. If so, create another checkpoint, and remove that folder.",
        ["ConfirmationRequired"] = _ => "Restore it with -Force if you trust the creator of the checkpoint.",
        ["IdMapNotSupported.CheckpointWithoutIdMap"] = _ => "Run the container without -UidMap and -GidMap.",
        ["IdMapNotSupported.CommitWithoutIdMap"] = _ =>
            "Make the changes in a container without -UidMap and -GidMap, and create the image from that container.",
        ["InvalidCheckpoint"] = _ => FromCheckpoint,
        ["RestoreFailed.AllowExternalUnixSocket"] = _ => ExternalUnixSocket,
        ["RestoreFailed.AllowFileLock"] = _ => FileLock,
        ["RestoreFailed.AllowOpenTcp"] = _ => OpenTcp,
        ["RestoreFailed.AllowTerminal"] = _ => Terminal,
        ["RestoreFailed.HostNetwork"] = _ => Network,
        ["RestoreFailed.ReadLog"] = e =>
            $"Get-CtrLog {e.Subject} shows its last lines. Restore-CtrContainer -NoStart keeps a container whose start fails.",
    };
}
