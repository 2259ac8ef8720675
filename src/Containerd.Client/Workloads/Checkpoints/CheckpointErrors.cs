using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>The errors for invalid checkpoints and failures of CRIU.</summary>
internal static partial class CheckpointErrors
{
    // The messages of runtimes if CRIU or checkpoint support is missing.
    private static readonly (string Said, string Remedy)[] Missing =
    [
        ("\"criu\": executable file not found", "Install CRIU in a folder of the daemon's PATH; runc uses it for checkpoints."),
        ("libcriu", "Install CRIU's library where crun finds it, or run the container with runc."),
        ("unknown command checkpoint", "Run the container with runc: this runtime was built without checkpoints."),
        ("unknown command restore", "Run the container with runc: this runtime was built without checkpoints."),
    ];

    private static readonly (string Said, string? RemedyId, string Remedy)[] Known =
    [
        ("--tcp-established", "AllowOpenTcp", "Allow open TCP connections when you create the checkpoint."),
        ("--ext-unix-sk", "AllowExternalUnixSocket", "Allow external Unix sockets when you create the checkpoint."),
        ("--file-locks", "AllowFileLock", "Allow file locks when you create the checkpoint."),
        (
            "dangling tty",
            "AllowTerminal",
            "Allow open terminals when you create the checkpoint. This one is the terminal of an exec that started the process in "
                + "the background."
        ),
        (
            "without peer",
            "HostNetwork",
            "CRIU cannot save a Unix socket that is connected to another network namespace. Run the container in the host's "
                + "network, and allow external Unix sockets when you create the checkpoint."
        ),
        ("inet socket", null, "The saved connections require their former address, and their peers."),
        ("No space left on device", null, "Free space, or use a directory on another file system."),
        (
            "hook",
            null,
            "Check the hooks of the container's spec, which run on the daemon's host: one brings up the loopback interface with "
                + "nsenter and ip."
        ),
    ];

    internal static CtrDataException Invalid(string path, string why, Exception? cause = null) =>
        new($"'{path}' is not a usable checkpoint: {why}.", cause)
        {
            ErrorId = ErrorIds.InvalidCheckpoint,
            Subject = path,
            Remedy = "Specify the directory or the archive of a checkpoint.",
        };

    internal static CtrDataException Empty(string path) =>
        new($"The directory '{path}' is empty: it does not contain a checkpoint.")
        {
            ErrorId = ErrorIds.CheckpointEmpty,
            Subject = path,
            Remedy = "Specify the directory or the archive of a checkpoint.",
        };

    internal static CtrNotFoundException NotFound(string path) =>
        new($"There is no checkpoint at '{path}'.")
        {
            ErrorId = ErrorIds.CheckpointNotFound,
            Subject = path,
            Remedy = "Specify the directory or the archive of a checkpoint.",
        };

    internal static CtrArgumentException Mismatch(string path, string why, string? remedyId = null, string? remedy = null) =>
        new($"The checkpoint '{path}' does not match: {why}.")
        {
            ErrorId = ErrorIds.CheckpointMismatch,
            Subject = path,
            RemedyId = remedyId ?? "NewContainer",
            Remedy = remedy ?? "Restore it into a new container.",
        };

    internal static CtrArgumentException ConfirmationRequired(UntrustedCheckpoint checkpoint) =>
        new($"{checkpoint.Question} This question cannot be answered here.")
        {
            ErrorId = ErrorIds.ConfirmationRequired,
            Subject = checkpoint.Path,
            Remedy = "Confirm the restore in advance if you trust the creator of the checkpoint.",
        };

    internal static CtrConflictException Declined(string path) =>
        new($"The checkpoint '{path}' was not restored: the answer was no.") { ErrorId = ErrorIds.CheckpointDeclined, Subject = path };

    internal static CtrConflictException PathInUse(string path, string why) =>
        new($"A checkpoint cannot be written to '{path}': {why}.")
        {
            ErrorId = ErrorIds.CheckpointPathExists,
            Subject = path,
            Remedy = "Specify an empty or new directory, or a new archive.",
        };

    internal static CtrNotSupportedException NotSupported(string why, string? subject, string? remedy = null, Exception? cause = null) =>
        new(why, cause)
        {
            ErrorId = ErrorIds.CheckpointNotSupported,
            Subject = subject,
            Remedy = remedy,
        };

    /// <summary>A failed checkpoint, with CRIU's own reason where its log has one.</summary>
    internal static CtrException CheckpointFailed(CtrException error, string containerId, string logFolder) =>
        Failed(
            error,
            containerId,
            CriuLog.OfDump(logFolder),
            $"The task of container '{containerId}' cannot be saved",
            ErrorIds.CheckpointFailed
        );

    /// <summary>A failed restore, with CRIU's own reason where its log has one.</summary>
    internal static CtrException RestoreFailed(CtrException error, string containerId, string logFolder) =>
        Failed(
            error,
            containerId,
            CriuLog.OfRestore(logFolder),
            $"The task of container '{containerId}' cannot be restored",
            ErrorIds.RestoreFailed
        );

    private static CtrException Failed(CtrException error, string containerId, string? reason, string what, string id)
    {
        var said = Plain(error.Message);
        if (reason is null && Missing.FirstOrDefault(m => said.Contains(m.Said, StringComparison.Ordinal)).Remedy is { } missing)
            return NotSupported($"{what}: {said}.", containerId, missing, error);

        // CRIU only reports that a hook failed.
        var why = reason is null || said.Contains("hook", StringComparison.Ordinal) ? said : $"CRIU says: {reason}";
        var known = Known.FirstOrDefault(k => why.Contains(k.Said, StringComparison.Ordinal));
        return new CtrRuntimeException($"{what}: {why}.", error)
        {
            ErrorId = id,
            Subject = containerId,
            RemedyId = known.RemedyId,
            Remedy = known.Remedy
                ?? (reason is null ? null : "Run 'criu check' on the daemon's host: it shows whether CRIU works with the host's kernel."),
        };
    }

    /// <summary>
    /// The message of a runtime, without the prefix that only names the failed program, and without the path of a log that no longer
    /// exists.
    /// </summary>
    private static string Plain(string text) => Wrapping().Replace(text, "").Trim().TrimEnd('.').ReplaceLineEndings("; ");

    [GeneratedRegex(
        @"^.*?(did not terminate successfully: exit status \d+: |OCI runtime restore failed: )| path= .*$|: unknown$",
        RegexOptions.Singleline
    )]
    private static partial Regex Wrapping();
}
