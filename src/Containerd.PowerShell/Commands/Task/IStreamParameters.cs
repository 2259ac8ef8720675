using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The parameters for the streams of a task, for all cmdlets that start one.</summary>
internal interface IStreamParameters
{
    /// <summary>
    /// Specifies a file for the task's output, with both streams in one file. By default, the module stores the output itself, in one file
    /// for each stream.
    /// </summary>
    public string? LogPath { get; }

    /// <summary>Indicates that the task's output is discarded.</summary>
    public SwitchParameter NoLog { get; }

    public CtrLogFormat LogFormat { get; }

    /// <summary>
    /// Specifies the maximum size of each file of a timestamped log, at least 64KB. The default is 10MB. This parameter selects the
    /// timestamped format if -LogFormat is not specified.
    /// </summary>
    public CtrSize? LogMaxSize { get; }

    /// <summary>
    /// Specifies how many files of -LogMaxSize are kept, from 1 to 1000. The default is 5. The oldest file is removed first.
    /// </summary>
    public int? LogMaxFiles { get; }

    public SwitchParameter WithStdin { get; }

    /// <summary>The values of the parameters as the client's options.</summary>
    /// <param name="given">The parameters that the caller specified.</param>
    /// <param name="resolve">Converts a path of the caller to a full path.</param>
    public TaskStartOptions Start(IReadOnlyDictionary<string, object> given, Func<string, string> resolve) =>
        new()
        {
            LogPath = LogPath is null ? null : resolve(LogPath),
            NoLog = NoLog,
            // Only a timestamped log can have a size limit.
            LogFormat =
                given.ContainsKey(nameof(LogFormat)) ? LogFormat
                : LogMaxSize is not null ? CtrLogFormat.Timestamped
                : null,
            LogMaxSize = LogMaxSize?.Bytes,
            LogMaxFiles = LogMaxFiles,
            WithStdin = WithStdin,
        };
}
