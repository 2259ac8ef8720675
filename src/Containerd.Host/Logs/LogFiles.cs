namespace Containerd.Host.Logs;

/// <summary>The files that one process writes to, made before it starts; taken away again unless it did start.</summary>
internal sealed class LogFiles : IDisposable
{
    private bool _kept;

    internal string StdinPath { get; init; } = "";

    internal string StdoutPath { get; init; } = "";

    internal string StderrPath { get; init; } = "";

    internal IReadOnlyList<string> Made { get; init; } = [];

    internal void Keep() => _kept = true;

    public void Dispose()
    {
        if (_kept)
            return;
        foreach (var path in Made)
            File.Delete(path);
    }
}
