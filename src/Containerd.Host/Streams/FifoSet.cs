using System.IO.Pipes;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Streams;

/// <summary>
/// The named pipes of one process, in a private directory that is removed with them. The order matters: they are created and opened for
/// reading first, then passed to the daemon, and only when the process has started do reads begin, and the writing end of its input is
/// opened.
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
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _exited = new();
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
            _stdin = new GatedStream(writes: true) { Terminal = terminal };
        }

        Libc.MakeFifo(StdoutPath);
        _stdoutHandle = Libc.OpenFifoToRead(StdoutPath);
        if (!terminal)
        {
            Libc.MakeFifo(StderrPath);
            _stderrHandle = Libc.OpenFifoToRead(StderrPath);
            _stderr = new GatedStream(writes: false);
        }

        Streams = new ProcessStreams(_stdin, _stdout, _stderr, _started.Task, _exited.Token);
    }

    internal string StdinPath { get; }

    internal string StdoutPath { get; }

    internal string StderrPath { get; }

    internal ProcessStreams Streams { get; }

    /// <summary>Called once when the user of the input has closed it.</summary>
    internal Func<Task> InputClosed
    {
        set
        {
            if (_stdin is not null)
                _stdin.Closed = () => _exited.IsCancellationRequested ? Task.CompletedTask : value();
        }
    }

    /// <summary>Whether the output of the process was read to its end.</summary>
    internal bool IsDrained => _stdout.IsAtEnd && _stderr?.IsAtEnd != false;

    /// <summary>
    /// Whether reads of all streams that have not ended have waited in vain for this long: then another process, a background child, keeps
    /// them open. A slow reader is not such a case.
    /// </summary>
    internal bool IsHeld(long since, TimeSpan grace) =>
        !IsDrained && new[] { _stdout, _stderr }.All(s => s is null || s.IsAtEnd || s.IsSilent(since, grace.TotalMilliseconds));

    internal static FifoSet Create(bool stdin, bool terminal)
    {
        if (!OperatingSystem.IsLinux())
            throw new CtrNotSupportedException("The standard streams of processes are connected through named pipes of Linux.")
            {
                ErrorId = ErrorIds.StdioNotSupported,
            };
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

    /// <summary>The process is running: its streams are connected now.</summary>
    internal void Open()
    {
        _stdout.Open(new AnonymousPipeClientStream(PipeDirection.In, _stdoutHandle));
        _stderr?.Open(new AnonymousPipeClientStream(PipeDirection.In, _stderrHandle!));
        if (_stdin is not null)
            _ = OpenInputAsync();
        _started.TrySetResult();
    }

    /// <summary>
    /// The shim opens its reading end before or after the start has returned; data that is written before that would be lost.
    /// </summary>
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

                if (_exited.IsCancellationRequested)
                {
                    // It exited without reading: its input is discarded.
                    _stdin!.Abandon();
                    return;
                }
            }

            await Task.Delay(5).ConfigureAwait(false);
        }
    }

    /// <summary>The process will not start: waiting readers get the end.</summary>
    internal void Abandon()
    {
        _started.TrySetCanceled();
        _stdin?.Abandon();
        _stdout.Abandon();
        _stderr?.Abandon();
    }

    /// <summary>The process has exited.</summary>
    internal void Exited() => _exited.Cancel();

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _exited.Cancel();
        _exited.Dispose();
        _stdin?.Shut();
        _stdout.Shut();
        _stderr?.Shut();
        _stdoutHandle.Dispose();
        _stderrHandle?.Dispose();
        PrivateFolder.Remove(_directory);
    }
}
