namespace Containerd.PowerShell;

/// <summary>What to do about errors of logs.</summary>
internal static class LogRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        ["ConflictingParameters.KeepLog"] = _ => "Omit -NoLog, or the other log parameters.",
        ["ConflictingParameters.LogMaxSize"] = _ => "Use -LogMaxSize too.",
        ["ConflictingParameters.NoLogPath"] = _ => "Omit -LogPath, and read the log with Get-CtrLog.",
        ["ConflictingParameters.Timestamped"] = _ => "Use -LogFormat Timestamped with -LogMaxSize.",
        ["InvalidLogSize"] = _ => "Use, for example, -LogMaxSize 10MB -LogMaxFiles 5.",
        ["LogFormatWithStdin"] = _ => "Omit -LogFormat and -LogMaxSize, or give the container a terminal with -Tty.",
        ["LogNotEmpty"] = _ => "Specify another file, or omit -LogPath: by default the output of each start has its own file.",
        ["LogNotFound.Keep"] = _ => "Output is stored for tasks that Start-CtrTask started without -NoLog, until the container is removed.",
        ["LogNotReadable.AsOwner"] = _ => "Run PowerShell as the user who started the task, usually root.",
        ["LogNotTimestamped"] = _ => "Omit -Since, -Until and -Timestamps, or start the task with -LogFormat Timestamped.",
        ["LogNotWritable"] = _ => "Use another path with -LogPath, or start the task with -NoLog.",
        ["LoggerMissing"] = _ =>
            "Start the task without -LogFormat and -LogMaxSize, or build the module on such a machine; the build requires gcc or clang.",
        ["OutputNotKept.Follow"] = _ => "Follow it with Get-CtrLog -Follow, or start it without -LogFormat and -LogMaxSize.",
        ["OutputNotKept.Keep"] = _ =>
            "Start it with Start-CtrTask, and without -NoLog: output can be followed only in files on this machine.",
    };
}
