namespace Containerd.PowerShell;

/// <summary>What to do about errors of logs.</summary>
internal static class LogRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ConflictingParameters + ".KeepLog"] = _ => "Omit -NoLog, or the other log parameters.",
        [ErrorIds.ConflictingParameters + ".LogMaxSize"] = _ => "Use -LogMaxSize too.",
        [ErrorIds.ConflictingParameters + ".NoLogPath"] = _ => "Omit -LogPath, and read the log with Get-CtrLog.",
        [ErrorIds.ConflictingParameters + ".Timestamped"] = _ => "Use -LogFormat Timestamped with -LogMaxSize.",
        ["HelperNotExecutable.Build"] = _ =>
            "Install a build of the module for this machine, or start the task without -LogFormat and -LogMaxSize.",
        ["HelperNotExecutable.Folder"] = _ =>
            "Use Connect-CtrSession -HelperFolder with a folder that permits programs to be executed, or start the task without "
            + "-LogFormat and -LogMaxSize.",
        [ErrorIds.InvalidLogSize] = _ => "Use, for example, -LogMaxSize 10MB -LogMaxFiles 5.",
        [ErrorIds.LogFormatWithStdin] = _ => "Omit -LogFormat and -LogMaxSize, or give the container a terminal with -Tty.",
        [ErrorIds.LogNotEmpty] = _ => "Specify another file, or omit -LogPath: by default the output of each start has its own file.",
        [ErrorIds.LogNotFound + ".Keep"] = _ =>
            "Output is stored for tasks that Start-CtrTask started without -NoLog, until the container is removed.",
        [ErrorIds.LogNotReadable + ".AsOwner"] = _ => "Run PowerShell as the user who started the task, usually root.",
        [ErrorIds.LogNotTimestamped] = _ => "Omit -Since, -Until and -Timestamps, or start the task with -LogFormat Timestamped.",
        [ErrorIds.LogNotWritable] = _ => "Use another path with -LogPath, or start the task with -NoLog.",
        [ErrorIds.HelperMissing] = _ =>
            "Build the module on such a machine, with gcc or clang; or do without -LogFormat, -LogMaxSize, -RestartPolicy, -Network and "
            + "-Publish.",
        [ErrorIds.OutputNotKept + ".Follow"] = _ => "Follow it with Get-CtrLog -Follow, or start it without -LogFormat and -LogMaxSize.",
        [ErrorIds.OutputNotKept + ".Keep"] = _ =>
            "Start it with Start-CtrTask, and without -NoLog: output can be followed only in files on this machine.",
    };
}
