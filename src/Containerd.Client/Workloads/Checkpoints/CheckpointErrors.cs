using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>What can be wrong with a checkpoint, and what CRIU could not do: the errors that callers see.</summary>
internal static partial class CheckpointErrors
{
    internal const string DeclinedId = "CheckpointDeclined";
    internal const string RestoreFailedId = "RestoreFailed";

    // What runtimes say when it is CRIU, or all of it, that is missing.
    private static readonly (string Said, string Remedy)[] Missing =
    [
        ("\"criu\": executable file not found", "Install CRIU where the daemon's PATH has it; runc uses it for checkpoints."),
        ("libcriu", "Install CRIU's library where crun finds it, or run the container with runc."),
        ("unknown command checkpoint", "Run the container with runc: this runtime was built without checkpoints."),
        ("unknown command restore", "Run the container with runc: this runtime was built without checkpoints."),
    ];

    private static readonly (string Said, string Remedy)[] Known =
    [
        ("--tcp-established", Allow("-AllowOpenTcp")),
        ("--ext-unix-sk", Allow("-AllowExternalUnixSocket")),
        ("--file-locks", Allow("-AllowFileLock")),
        ("dangling tty", $"{Allow("-AllowTerminal")} It is the terminal of an exec, in whose background the process was started."),
        (
            "without peer",
            "CRIU saves no unix socket that is connected to one of another network namespace. With -HostNetwork, and -AllowExternalUnixSocket, it does."
        ),
        ("inet socket", "The connections that were saved need the address that they had, and their peers."),
        ("No space left on device", "Make room, or name a directory that has some."),
        (
            "hook",
            "Hooks of the container's spec run on the daemon's host, and one that brings up its loopback interface with nsenter and ip."
        ),
    ];

    internal static CtrDataException Invalid(string path, string why, Exception? cause = null) =>
        new($"'{path}' is not a checkpoint that can be used: {why}.", cause)
        {
            ErrorId = "InvalidCheckpoint",
            Subject = path,
            Remedy = "Name a directory or archive that Checkpoint-CtrTask made.",
        };

    internal static CtrDataException Empty(string path) =>
        new($"The directory '{path}' is empty: there is no checkpoint in it.")
        {
            ErrorId = "CheckpointEmpty",
            Subject = path,
            Remedy = "Name a directory or archive that Checkpoint-CtrTask made.",
        };

    internal static CtrNotFoundException NotFound(string path) =>
        new($"There is no checkpoint at '{path}'.")
        {
            ErrorId = "CheckpointNotFound",
            Subject = path,
            Remedy = "Name a directory or archive that Checkpoint-CtrTask made.",
        };

    internal static CtrArgumentException Mismatch(string path, string why, string? remedy = null) =>
        new($"The checkpoint '{path}' does not fit: {why}.")
        {
            ErrorId = "CheckpointMismatch",
            Subject = path,
            Remedy = remedy ?? "Make a new container of it with Restore-CtrContainer.",
        };

    internal static CtrArgumentException ConfirmationRequired(UntrustedCheckpoint checkpoint) =>
        new($"{checkpoint.Question} Nobody can answer here.")
        {
            ErrorId = "ConfirmationRequired",
            Subject = checkpoint.Path,
            Remedy = "Restore it with -Force, if you trust whoever made it.",
        };

    internal static CtrConflictException Declined(string path) =>
        new($"The checkpoint '{path}' was not restored: the answer was no.") { ErrorId = DeclinedId, Subject = path };

    internal static CtrConflictException PathInUse(string path, string why) =>
        new($"'{path}' cannot take a checkpoint: {why}.")
        {
            ErrorId = "CheckpointPathExists",
            Subject = path,
            Remedy = "Name a directory that is empty or not there yet, or an archive that is not there yet.",
        };

    internal static CtrNotSupportedException NotSupported(string why, string? subject, string? remedy = null, Exception? cause = null) =>
        new(why, cause)
        {
            ErrorId = "CheckpointNotSupported",
            Subject = subject,
            Remedy = remedy,
        };

    /// <summary>A failed checkpoint, with CRIU's own reason where its log has one.</summary>
    internal static CtrException CheckpointFailed(CtrException error, string containerId, string logFolder) =>
        Failed(error, containerId, CriuLog.OfDump(logFolder), $"The task of container '{containerId}' cannot be saved", "CheckpointFailed");

    /// <summary>A failed restore, with CRIU's own reason where its log has one.</summary>
    internal static CtrException RestoreFailed(CtrException error, string containerId, string logFolder) =>
        Failed(
            error,
            containerId,
            CriuLog.OfRestore(logFolder),
            $"The task of container '{containerId}' cannot be restored",
            RestoreFailedId
        );

    private static string Allow(string parameter) => $"Allow it with {parameter} when the checkpoint is made.";

    private static CtrException Failed(CtrException error, string containerId, string? reason, string what, string id)
    {
        var said = Plain(error.Message);
        if (reason is null && Missing.FirstOrDefault(m => said.Contains(m.Said, StringComparison.Ordinal)).Remedy is { } missing)
            return NotSupported($"{what}: {said}.", containerId, missing, error);

        // Of a hook that failed CRIU knows only that one did.
        var why = reason is null || said.Contains("hook", StringComparison.Ordinal) ? said : $"CRIU says: {reason}";
        return new CtrRuntimeException($"{what}: {why}.", error)
        {
            ErrorId = id,
            Subject = containerId,
            Remedy = Known.FirstOrDefault(k => why.Contains(k.Said, StringComparison.Ordinal)).Remedy
                ?? (reason is null ? null : "criu check, run on the daemon's host, says whether CRIU can work with its kernel."),
        };
    }

    /// <summary>
    /// What a runtime said, without the wrapping that says only which program failed, and the path of a log that is gone.
    /// </summary>
    private static string Plain(string text) => Wrapping().Replace(text, "").Trim().TrimEnd('.').ReplaceLineEndings("; ");

    [GeneratedRegex(
        @"^.*?(did not terminate successfully: exit status \d+: |OCI runtime restore failed: )| path= .*$|: unknown$",
        RegexOptions.Singleline
    )]
    private static partial Regex Wrapping();
}
