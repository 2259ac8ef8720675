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
    private readonly string _directory;
    private readonly GatedStream? _stdin;
    private readonly GatedStream _stdout = new(writes: false);
    private readonly GatedStream? _stderr;
    private readonly SafePipeHandle _stdoutHandle;
    private readonly SafePipeHandle? _stderrHandle;

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
        _stdoutHandle = Libc.OpenFifo(StdoutPath, Libc.ReadOnly);
        if (!terminal)
        {
            Libc.MakeFifo(StderrPath);
            _stderrHandle = Libc.OpenFifo(StderrPath, Libc.ReadOnly);
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
        if (_stdin is null)
            return;
        try
        {
            _stdin.Open(new AnonymousPipeClientStream(PipeDirection.Out, Libc.OpenFifo(StdinPath, Libc.WriteOnly)));
        }
        catch (IOException e) when (e.HResult == Libc.NoSuchDeviceOrAddress)
        {
            // Nobody reads: the process has ended already, and its input goes where it would have gone.
            _stdin.Abandon();
        }
    }

    public void Dispose()
    {
        _stdin?.Dispose();
        _stdout.Dispose();
        _stderr?.Dispose();
        _stdoutHandle.Dispose();
        _stderrHandle?.Dispose();
        PrivateFolder.Remove(_directory);
    }
}
