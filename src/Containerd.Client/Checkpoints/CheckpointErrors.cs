namespace Containerd.Client;

/// <summary>What can be wrong with a checkpoint, and what CRIU could not do: the errors that callers see.</summary>
internal static class CheckpointErrors
{
    internal const string RestoreFailedId = "RestoreFailed";

    // What runc says when CRIU itself is what is missing.
    private static readonly string[] Missing = ["executable file not found", "no such file or directory", "could not load `libcriu", "libcriu.so"];

    // CRIU's options in its messages, and ours.
    private static readonly (string Theirs, string Ours)[] Switches =
    [
        ("--tcp-established", "-AllowOpenTcp"), ("--ext-unix-sk", "-AllowExternalUnixSocket"), ("--shell-job", "-AllowTerminal"), ("--file-locks", "-AllowFileLock"),
    ];

    internal static CtrDataException Invalid(string path, string why, Exception? cause = null) => new($"'{path}' is not a checkpoint that can be used: {why}.", cause)
    {
        ErrorId = "InvalidCheckpoint",
        Subject = path,
        Remedy = "Name a directory or archive that Checkpoint-CtrTask made.",
    };

    internal static CtrDataException Empty(string path) => new($"The directory '{path}' is empty: there is no checkpoint in it.")
    {
        ErrorId = "CheckpointEmpty",
        Subject = path,
        Remedy = "Name a directory or archive that Checkpoint-CtrTask made.",
    };

    internal static CtrNotFoundException NotFound(string path) => new($"There is no checkpoint at '{path}'.")
    {
        ErrorId = "CheckpointNotFound",
        Subject = path,
        Remedy = "Name a directory or archive that Checkpoint-CtrTask made.",
    };

    internal static CtrArgumentException Mismatch(string path, string why, string? remedy = null) => new($"The checkpoint '{path}' does not fit: {why}.")
    {
        ErrorId = "CheckpointMismatch",
        Subject = path,
        Remedy = remedy ?? "Make a new container of it with Restore-CtrContainer.",
    };

    internal static CtrConflictException PathInUse(string path, string why) => new($"'{path}' cannot take a checkpoint: {why}.")
    {
        ErrorId = "CheckpointPathExists",
        Subject = path,
        Remedy = "Name a directory that is empty or not there yet, or an archive that is not there yet.",
    };

    internal static CtrNotSupportedException NotSupported(string why, string? subject, string? remedy = null, Exception? cause = null) => new(why, cause)
    {
        ErrorId = "CheckpointNotSupported",
        Subject = subject,
        Remedy = remedy,
    };

    /// <summary>A failed checkpoint, with CRIU's own reason where its log has one.</summary>
    internal static CtrException CheckpointFailed(CtrException error, string containerId, string logFolder) =>
        Failed(error, containerId, CriuLog.Reason(Path.Combine(logFolder, "dump.log")), $"The task of container '{containerId}' cannot be saved", "CheckpointFailed");

    /// <summary>A failed restore, with CRIU's own reason where its log has one.</summary>
    internal static CtrException RestoreFailed(CtrException error, string containerId, string logFolder) =>
        Failed(error, containerId, CriuLog.Reason(Path.Combine(logFolder, "restore.log")), $"The task of container '{containerId}' cannot be restored", RestoreFailedId);

    private static CtrException Failed(CtrException error, string containerId, string? reason, string what, string id)
    {
        var said = Plain(error.Message);
        if (reason is null && Missing.Any(m => said.Contains(m, StringComparison.OrdinalIgnoreCase)) && said.Contains("criu", StringComparison.OrdinalIgnoreCase))
        {
            return NotSupported($"{what}: {said}.", containerId, "Install CRIU where the daemon's PATH has it; runc uses it for checkpoints.", error);
        }

        var why = reason ?? said;
        var wanted = Switches.FirstOrDefault(s => why.Contains(s.Theirs, StringComparison.Ordinal)).Ours;
        return new CtrRuntimeException($"{what}: {(reason is null ? "" : "CRIU says: ")}{why}.", error)
        {
            ErrorId = id,
            Subject = containerId,
            Remedy = wanted is not null ? $"Allow it with {wanted} when the checkpoint is made."
                : reason is null ? null : "criu check, run on the daemon's host, says whether CRIU can work with its kernel.",
        };
    }

    /// <summary>What a runtime said, without the wrapping that says only which program failed, and the path of a log that is gone.</summary>
    private static string Plain(string text)
    {
        var path = text.LastIndexOf(" path= ", StringComparison.Ordinal);
        if (path >= 0)
            text = text[..path];
        var status = text.IndexOf("exit status ", StringComparison.Ordinal);
        var colon = status < 0 ? -1 : text.IndexOf(": ", status, StringComparison.Ordinal);
        if (colon > 0)
            text = text[(colon + 2)..];
        return text.Trim().TrimEnd('.').ReplaceLineEndings("; ");
    }
}
