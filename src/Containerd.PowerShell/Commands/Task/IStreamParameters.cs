using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The parameters for the streams of a task, for all cmdlets that start one.</summary>
internal interface IStreamParameters
{
    public string? LogPath { get; }

    public SwitchParameter NoLog { get; }

    public CtrLogFormat LogFormat { get; }

    public CtrSize? LogMaxSize { get; }

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
            LogFormat = LogMaxSize is not null && !given.ContainsKey(nameof(LogFormat)) ? CtrLogFormat.Timestamped : LogFormat,
            LogMaxSize = LogMaxSize?.Bytes,
            LogMaxFiles = LogMaxFiles,
            WithStdin = WithStdin,
        };
}
