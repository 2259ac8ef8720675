namespace Containerd.Host.Logs;

/// <summary>The output files of a process, created before it starts, and removed if it does not start.</summary>
internal sealed class LogFiles : IDisposable
{
    private bool _kept;

    internal string StdinPath { get; init; } = "";

    internal string StdoutPath { get; init; } = "";

    internal string StderrPath { get; init; } = "";

    /// <summary>How the helper program writes the output; null if it does not.</summary>
    internal LogWriterOptions? Writer { get; init; }

    /// <summary>The number of the last start before this one.</summary>
    internal int Former { get; init; }

    internal IReadOnlyList<string> Made { get; init; } = [];

    /// <summary>Whether a new build of the helper program was installed for them.</summary>
    internal bool HelperIsNew { get; init; }

    internal void Keep() => _kept = true;

    public void Dispose()
    {
        if (_kept)
            return;
        foreach (var path in Made)
            File.Delete(path);
    }
}
