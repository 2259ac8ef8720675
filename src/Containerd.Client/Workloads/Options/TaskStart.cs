namespace Containerd.Client;

/// <summary>How to start a container's task.</summary>
public sealed record TaskStart
{
    /// <summary>The smallest size at which a log can be rotated, in bytes.</summary>
    internal const long SmallestLogSize = 64 * 1024;

    /// <summary>Whether its output is thrown away instead of being kept in files.</summary>
    public bool NoLog { get; init; }

    /// <summary>A file of the caller's own for the output, both streams; null for files of the module's own, one per stream.</summary>
    public string? LogPath { get; init; }

    /// <summary>How its output is kept.</summary>
    public CtrLogFormat LogFormat { get; init; }

    /// <summary>How many bytes a file of a timestamped log may have before the next one is begun; null for no limit.</summary>
    public long? LogMaxSize { get; init; }

    /// <summary>How many files of a timestamped log are kept; null for five.</summary>
    public int? LogMaxFiles { get; init; }

    /// <summary>Whether it gets a standard input, a named pipe that attachers write to.</summary>
    public bool WithStdin { get; init; }

    /// <summary>The size of its terminal; null where that is told later.</summary>
    public CtrSpecBox? ConsoleSize { get; init; }

    /// <summary>A checkpoint of the container, a directory or an archive, that the task starts from; null to start anew.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>
    /// Asks whether a checkpoint that the daemon did not make is restored; null, or the answer null, where nobody can be asked, which is
    /// the error ConfirmationRequired.
    /// </summary>
    public Func<UntrustedCheckpoint, CancellationToken, Task<bool?>>? ConfirmCheckpoint { get; init; }

    /// <summary>Options that take the place of the container's own runtime options.</summary>
    internal Google.Protobuf.WellKnownTypes.Any? Options { get; init; }

    private bool ChoosesStreams =>
        NoLog || LogPath is not null || WithStdin || LogFormat != CtrLogFormat.Plain || LogMaxSize is not null || LogMaxFiles is not null;

    /// <summary>Whether the caller chose other streams than a task has that was made before.</summary>
    internal bool ChoosesOthersThan(CtrTask made) => (this with { WithStdin = WithStdin && made.Stdin.Length == 0 }).ChoosesStreams;

    /// <summary>Refuses what does not go together.</summary>
    /// <exception cref="CtrArgumentException">
    /// What that is, and what to do (ConflictingParameters, InvalidLogSize, LogFormatWithStdin).
    /// </exception>
    internal void Require(bool terminal)
    {
        var kept = LogPath is not null || LogFormat != CtrLogFormat.Plain || LogMaxSize is not null || LogMaxFiles is not null;
        if (NoLog && kept)
            throw Conflicting("Output that is thrown away has no place, format or size", "Leave -NoLog out, or the other parameters.");
        if (LogFormat == CtrLogFormat.Plain && (LogMaxSize is not null || LogMaxFiles is not null))
            throw Conflicting(
                "A plain log has no limit: containerd's shim writes it, which knows none",
                "Give -LogFormat Timestamped with -LogMaxSize."
            );
        if (LogFormat == CtrLogFormat.Timestamped && LogPath is not null)
            throw Conflicting(
                "A timestamped log has no file of one's own: it is a sequence of files that the module keeps",
                "Leave out -LogPath, and read it with Get-CtrLog."
            );
        if (LogMaxFiles is not null && LogMaxSize is null)
            throw Conflicting("A number of files means something only with a size at which the next one is begun", "Give -LogMaxSize too.");
        if (LogMaxSize is < SmallestLogSize or > long.MaxValue / 1024 || LogMaxFiles is < 1 or > 1000)
        {
            throw new CtrArgumentException("A log's files have a size of 64 KiB at least, and their number is 1 to 1000.")
            {
                ErrorId = "InvalidLogSize",
                Remedy = "Give, for example, -LogMaxSize 10MB -LogMaxFiles 5.",
            };
        }

        if (LogFormat == CtrLogFormat.Timestamped && WithStdin && !terminal)
        {
            throw new CtrArgumentException(
                "A task with a timestamped log has a standard input only with a terminal: containerd connects none beside a logging binary."
            )
            {
                ErrorId = "LogFormatWithStdin",
                Remedy = "Leave out -LogFormat and -LogMaxSize, or give the container a terminal with -Tty.",
            };
        }
    }

    private static CtrArgumentException Conflicting(string why, string remedy) =>
        new($"{why}.") { ErrorId = "ConflictingParameters", Remedy = remedy };
}
