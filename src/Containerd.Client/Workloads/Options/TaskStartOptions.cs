namespace Containerd.Client;

/// <summary>Options for starting the task of a container.</summary>
public sealed record TaskStartOptions
{
    /// <summary>The smallest size at which a log can be rotated, in bytes.</summary>
    internal const long SmallestLogSize = 64 * 1024;

    /// <summary>Whether its output is discarded instead of being stored in files.</summary>
    public bool NoLog { get; init; }

    /// <summary>A file of the caller for the output of both streams; null for files of the module, one for each stream.</summary>
    public string? LogPath { get; init; }

    /// <summary>
    /// The format of its stored output; null for the default: timestamped for a container with a restart policy, because containerd's
    /// restart monitor can only use a logger, and plain for all others.
    /// </summary>
    public CtrLogFormat? LogFormat { get; init; }

    /// <summary>The maximum size of a file of a timestamped log, in bytes; null for no limit.</summary>
    public long? LogMaxSize { get; init; }

    /// <summary>The number of files of a timestamped log that are kept; null for five.</summary>
    public int? LogMaxFiles { get; init; }

    /// <summary>Whether it has standard input, a named pipe that attached clients write to.</summary>
    public bool WithStdin { get; init; }

    /// <summary>The size of its terminal; null if it is set later.</summary>
    public CtrSpecBox? ConsoleSize { get; init; }

    /// <summary>A checkpoint of the container, a directory or an archive, from which the task resumes; null for a normal start.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>
    /// Asks for confirmation of a checkpoint that the daemon did not create; null, or the answer null, if no user can answer, which results
    /// in the error ConfirmationRequired.
    /// </summary>
    public Func<UntrustedCheckpoint, CancellationToken, Task<bool?>>? ConfirmCheckpoint { get; init; }

    /// <summary>Whether its log is that of each start to come, which the restart monitor can continue.</summary>
    internal bool EachStart { get; init; }

    /// <summary>Options that replace the container's own runtime options.</summary>
    internal Google.Protobuf.WellKnownTypes.Any? Options { get; init; }

    private bool ChoosesStreams =>
        NoLog
        || LogPath is not null
        || WithStdin
        || LogFormat == CtrLogFormat.Timestamped
        || LogMaxSize is not null
        || LogMaxFiles is not null;

    /// <summary>Whether the caller selected streams that differ from those of an existing task.</summary>
    internal bool ChoosesOthersThan(CtrTask made) => (this with { WithStdin = WithStdin && made.Stdin.Length == 0 }).ChoosesStreams;

    /// <summary>Rejects options that cannot be combined.</summary>
    /// <exception cref="CtrArgumentException">
    /// What that is, and what to do (ConflictingParameters, InvalidLogSize, LogFormatWithStdin).
    /// </exception>
    internal void Require(bool terminal)
    {
        var kept = LogPath is not null || LogFormat == CtrLogFormat.Timestamped || LogMaxSize is not null || LogMaxFiles is not null;
        if (NoLog && kept)
            throw Conflicting(
                "A task without a log has no log path, format or size",
                "KeepLog",
                "Keep the log, or omit the other log options."
            );
        if (LogFormat != CtrLogFormat.Timestamped && (LogMaxSize is not null || LogMaxFiles is not null))
            throw Conflicting(
                "A plain log has no size limit: containerd's shim writes it, and the shim does not support limits",
                "Timestamped",
                "Use a timestamped log with the limit."
            );
        if (LogFormat == CtrLogFormat.Timestamped && LogPath is not null)
            throw Conflicting(
                "A timestamped log cannot be written to a given path: it is a sequence of files in a folder of this library",
                "NoLogPath",
                "Omit the path, and read the log through the client."
            );
        if (LogMaxFiles is not null && LogMaxSize is null)
            throw Conflicting("A number of log files requires a size at which the next file is started", "LogMaxSize", "Set the size too.");
        if (LogMaxSize is < SmallestLogSize or > long.MaxValue / 1024 || LogMaxFiles is < 1 or > 1000)
        {
            throw new CtrArgumentException(
                "The size of a log file must be at least 64 KiB, and the number of log files between 1 and 1000."
            )
            {
                ErrorId = ErrorIds.InvalidLogSize,
                Remedy = "Use, for example, 5 files of 10 MB.",
            };
        }

        if (LogFormat == CtrLogFormat.Timestamped && WithStdin && !terminal)
        {
            throw new CtrArgumentException(
                "A timestamped log and a standard input can be combined only if the container has a terminal: containerd does not "
                    + "connect standard input to a task that uses a logging binary."
            )
            {
                ErrorId = ErrorIds.LogFormatWithStdin,
                Remedy = "Use a plain log without a size limit, or give the container a terminal.",
            };
        }
    }

    private static CtrArgumentException Conflicting(string why, string remedyId, string remedy) =>
        new($"{why}.")
        {
            ErrorId = ErrorIds.ConflictingParameters,
            RemedyId = remedyId,
            Remedy = remedy,
        };
}
