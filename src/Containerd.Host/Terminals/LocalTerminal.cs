using System.Runtime.InteropServices;
using System.Text;
using Containerd.Host.Errors;
using Containerd.Host.Native;
using Containerd.Host.Terminals;

namespace Containerd.Host;

/// <summary>
/// This process's terminal, used by a process in a container or a live view. It is restored in every case: by Dispose, an exception, a
/// signal that ends this process, or its regular exit. Only one user can have it at a time.
/// </summary>
public sealed class LocalTerminal : IDisposable
{
    /// <summary>How long a signal that ends this process is delayed until the user of the terminal has cleaned up.</summary>
    private static readonly TimeSpan CleanupPatience = TimeSpan.FromSeconds(3);

    private static LocalTerminal? _owner;
    private readonly object _lock = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly ManualResetEventSlim _disposed = new();
    private readonly SemaphoreSlim _resized = new(0);
    private TerminalModes _modes = new();
    private bool _entered;
    private bool _echoes;
    private volatile bool _interrupted;
    private Termios? _before;
    private Termios? _during;

    private LocalTerminal()
    {
        // The runtime reads the settings that it restores at its exit when the first signal is registered, which must be before they are
        // changed.
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Close()));
        if (!OperatingSystem.IsWindows())
        {
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => _interrupted = true));
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _resized.Release()));
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCONT, Resume));
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGCHLD, KeepSettings));
        }

        AppDomain.CurrentDomain.ProcessExit += OnExit;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
    }

    /// <summary>Whether this process has a terminal for input and output, and this platform is supported.</summary>
    public static bool IsAvailable =>
        OperatingSystem.IsLinux() && !Console.IsInputRedirected && !Console.IsOutputRedirected && Termios.Read() is not null;

    /// <summary>The columns and lines of the window.</summary>
    internal static (int Width, int Height) Size
    {
        get
        {
            if (OperatingSystem.IsLinux() && Termios.WindowSize() is { } size)
                return size;
            try
            {
                return (Console.WindowWidth, Console.WindowHeight);
            }
            catch (IOException)
            {
                return (80, 24);
            }
        }
    }

    /// <summary>The size of the window in the form of a spec.</summary>
    internal static CtrSpecBox Box => new() { Width = (uint)Size.Width, Height = (uint)Size.Height };

    /// <summary>
    /// Cancelled when a signal is about to end this process, or the window was closed: the user of the terminal then cleans up and disposes
    /// it.
    /// </summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>Takes the terminal. Nothing about it changes yet.</summary>
    /// <returns>The terminal, until it is disposed.</returns>
    /// <exception cref="CtrConflictException">Something else in this process has it (TerminalInUse).</exception>
    public static LocalTerminal Take()
    {
        var terminal = new LocalTerminal();
        if (Interlocked.CompareExchange(ref _owner, terminal, null) is null)
            return terminal;
        terminal.Dispose();
        throw new CtrConflictException("The terminal is in use: another command of this process has it.")
        {
            ErrorId = ErrorIds.TerminalInUse,
            Remedy = "Wait until that command has exited, or open another window.",
        };
    }

    /// <summary>Releases the terminal.</summary>
    public void Dispose()
    {
        Leave();
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        Interlocked.CompareExchange(ref _owner, null, this);
        _disposed.Set();
        _signals.ForEach(s => s.Dispose());
    }

    /// <summary>The typed input, line by line and echoed, or redirected standard input, to its end (Ctrl+D).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The input.</returns>
    /// <exception cref="CtrException">The terminal was closed (TerminalClosed).</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadInputAsync(CancellationToken cancellationToken = default) =>
        ReadLinesAsync(cancellationToken).Guarded(cancellationToken);

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Closing);
        using var input = new ConsoleInput();
        var typedAhead = OperatingSystem.IsLinux() && Termios.Read() is not null && Termios.Pending() > 0;
        EnterLines();
        try
        {
            while (!input.IsAtEnd)
            {
                Memory<byte> line;
                try
                {
                    line = await input.ReadAsync(byByte: false, static _ => false, Timeout.Infinite, stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (Closing.IsCancellationRequested)
                {
                    throw Closed();
                }

                if (typedAhead)
                {
                    // With a line editor the Enter key did not end a line, and input was not echoed.
                    line.Span.Replace((byte)'\r', (byte)'\n');
                    Write(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line.Span).ReplaceLineEndings("\r\n")));
                    typedAhead = false;
                }

                if (!line.IsEmpty)
                    yield return line;
            }
        }
        finally
        {
            Leave();
        }
    }

    internal static CtrException Closed() => new("The terminal was closed.") { ErrorId = ErrorIds.TerminalClosed };

    /// <summary>Sets the mode for a process in a container: all keys and bytes are passed unchanged.</summary>
    internal void EnterRaw() => Enter(static settings => OperatingSystem.IsLinux() ? settings.Raw() : settings);

    /// <summary>Sets the mode for input line by line, with echo.</summary>
    internal void EnterLines()
    {
        Enter(static settings => OperatingSystem.IsLinux() ? settings.Lines() : settings);
        _echoes = _during is not null;
    }

    /// <summary>Sets the mode for single keys without echo, while Ctrl+C is still a signal.</summary>
    internal void EnterKeys() => Enter(static settings => OperatingSystem.IsLinux() ? settings.Keys() : settings);

    /// <summary>Restores the mode, switches off modes that were switched on, and starts a new line.</summary>
    internal void Leave(bool now = false)
    {
        // Output that the window does not accept blocks its writer; the settings are still restored.
        var owned = Monitor.TryEnter(_lock, 500);
        try
        {
            if (!_entered)
                return;
            _entered = false;
            var before = _before;
            _before = _during = null;
            // The echo of Ctrl+C is not part of the output.
            var atLineStart = _modes.AtLineStart && !(_echoes && _interrupted);
            _echoes = false;
            if (owned)
                Put(Encoding.ASCII.GetBytes(_modes.Leave() + (atLineStart || _modes.AlternateScreen ? "" : "\r\n")));
            if (OperatingSystem.IsLinux())
                before?.Apply(now || !owned);
            _modes = new TerminalModes();
        }
        finally
        {
            if (owned)
                Monitor.Exit(_lock);
        }
    }

    /// <summary>Shows the output of a process.</summary>
    internal ValueTask WriteAsync(ReadOnlyMemory<byte> output, CancellationToken cancellationToken)
    {
        Write(output.Span);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc cref="WriteAsync"/>
    internal void Write(ReadOnlySpan<byte> output)
    {
        lock (_lock)
        {
            if (!_entered)
                return;
            _modes.Track(output);
            Put(output);
        }
    }

    /// <summary>Waits until the size of the window changes, or the process is continued after a stop.</summary>
    internal async Task NextResizeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        await _resized.WaitAsync(patience, cancellationToken).ConfigureAwait(false);
        while (_resized.Wait(0, CancellationToken.None))
        {
            // Several changes at the same time count as one.
        }
    }

    private void Enter(Func<Termios, Termios> change)
    {
        lock (_lock)
        {
            if (_closing.IsCancellationRequested)
                return;
            _entered = true;
            if (!OperatingSystem.IsLinux() || Termios.Read() is not { } before)
                return;
            _before = before;
            _during = change(before);
            _during.Apply();
        }
    }

    /// <summary>
    /// This process was stopped and continues: a shell has changed the settings of the terminal in the meantime, and the runtime would
    /// restore those that it knows.
    /// </summary>
    private void Resume(PosixSignalContext context)
    {
        if (_during is not { } during)
            return;
        context.Cancel = true;
        if (OperatingSystem.IsLinux())
            during.Apply(now: true);
        _resized.Release();
    }

    /// <summary>A child process has exited: the runtime would change the settings for its own console.</summary>
    private void KeepSettings(PosixSignalContext context) => context.Cancel = _during is not null;

    private void Close()
    {
        Leave(now: true);
        // The handlers run on another thread, and the signal is processed when they are done.
        _ = _closing.CancelAsync();
        _disposed.Wait(CleanupPatience);
    }

    private void OnExit(object? sender, EventArgs e) => Leave(now: true);

    private void OnUnhandled(object? sender, UnhandledExceptionEventArgs e) => Leave(now: true);

    /// <summary>Through the runtime, which tracks the position of the cursor, and would otherwise be wrong about it.</summary>
    private void Put(ReadOnlySpan<byte> output)
    {
        try
        {
            _output.Write(output);
            _output.Flush();
        }
        catch (IOException)
        {
            // The window was closed.
        }
    }
}
