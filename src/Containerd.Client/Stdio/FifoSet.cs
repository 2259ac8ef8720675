using System.IO.Pipes;
using Containerd.Client.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client;

/// <summary>
/// The named pipes of one process, in a private directory that goes with them. The order matters: made and opened for reading first, then the
/// daemon is told, and only when the process was started do reads begin and is the writing end of its input opened.
/// </summary>
internal sealed class FifoSet : IDisposable
{
    private readonly object _gate = new();
    private readonly string _directory;
    private readonly GatedStream? _stdin;
    private readonly GatedStream _stdout = new(writes: false);
    private readonly GatedStream? _stderr;
    private readonly SafePipeHandle _stdoutHandle;
    private readonly SafePipeHandle? _stderrHandle;
    private bool _disposed;

    private FifoSet(string directory, bool stdin, bool terminal)
    {
        _directory = directory;
        StdinPath = stdin ? Path.Combine(directory, "stdin") : "";
        StdoutPath = Path.Combine(directory, "stdout");
        StderrPath = terminal ? "" : Path.Combine(directory, "stderr");
        if (stdin)
        {
            Libc.MakeFifo(StdinPath);
            _stdin = new GatedStream(writes: true);
        }

        Libc.MakeFifo(StdoutPath);
        _stdoutHandle = Libc.OpenFifoToRead(StdoutPath);
        if (!terminal)
        {
            Libc.MakeFifo(StderrPath);
            _stderrHandle = Libc.OpenFifoToRead(StderrPath);
            _stderr = new GatedStream(writes: false);
        }

        Streams = new ProcessStreams(_stdin, _stdout, _stderr);
    }

    internal string StdinPath { get; }

    internal string StdoutPath { get; }

    internal string StderrPath { get; }

    internal ProcessStreams Streams { get; }

    internal static FifoSet Create(bool stdin, bool terminal)
    {
        var directory = PrivateFolder.Make();
        try
        {
            return new FifoSet(directory, stdin, terminal);
        }
        catch
        {
            PrivateFolder.Remove(directory);
            throw;
        }
    }

    /// <summary>The process runs: its streams are real now.</summary>
    internal void Open()
    {
        _stdout.Open(new AnonymousPipeClientStream(PipeDirection.In, _stdoutHandle));
        _stderr?.Open(new AnonymousPipeClientStream(PipeDirection.In, _stderrHandle!));
        if (_stdin is not null)
            _ = OpenInputAsync();
    }

    /// <summary>The shim opens its reading end in its own time, before or after the start has returned; what is written before that would be lost.</summary>
    private async Task OpenInputAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_disposed)
                    return;
                if (Libc.TryOpenFifoToWrite(StdinPath) is { } handle)
                {
                    _stdin!.Open(new AnonymousPipeClientStream(PipeDirection.Out, handle));
                    return;
                }
            }

            await Task.Delay(5).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _stdin?.Dispose();
        _stdout.Dispose();
        _stderr?.Dispose();
        _stdoutHandle.Dispose();
        _stderrHandle?.Dispose();
        PrivateFolder.Remove(_directory);
    }
}
