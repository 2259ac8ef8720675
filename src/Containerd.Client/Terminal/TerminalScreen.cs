using System.Runtime.InteropServices;
using System.Text;
using Containerd.Client.Native;

namespace Containerd.Client;

/// <summary>
/// This process's terminal, for a picture that is drawn again and again in the same place. While it lives, keys are not echoed, and the cursor is hidden;
/// both are put back by Dispose, and when the process is ended by a signal.
/// </summary>
public sealed class TerminalScreen : IDisposable
{
    private const string HideCursor = "\x1b[?25l";
    private const string ShowCursor = "\x1b[?25h";
    private const string Home = "\x1b[H";
    private const string ClearAll = "\x1b[2J";
    private const string ClearLine = "\x1b[K";
    private const string ClearBelow = "\x1b[J";

    private readonly Stream _output = Console.OpenStandardOutput();
    private readonly TaskCompletionSource _quit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Termios? _mode = OperatingSystem.IsLinux() ? Termios.WithoutEcho() : null;
    private readonly Thread _keys;
    private readonly object _lock = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private int _lines;
    private volatile bool _ended;

    /// <summary>Takes the terminal.</summary>
    public TerminalScreen()
    {
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        // From .NET 10 on these end the process without a ProcessExit.
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            _signals.Add(PosixSignalRegistration.Create(signal, _ => Restore()));
        _keys = new Thread(WatchKeys) { IsBackground = true, Name = "Terminal keys" };
        _keys.Start();
    }

    /// <summary>Whether this process has a terminal that shows what is drawn and gives keys.</summary>
    public static bool IsAvailable =>
        !Console.IsInputRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>The window's columns and lines.</summary>
    public static (int Width, int Height) Size
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

    /// <summary>Ends when q is typed.</summary>
    public Task Quit => _quit.Task;

    /// <summary>Draws the lines from the top, in place of what was there.</summary>
    /// <param name="lines">The lines, which must fit the window.</param>
    /// <param name="emphasized">The number of a line that stands out.</param>
    public void Draw(IReadOnlyList<string> lines, int emphasized)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var text = new StringBuilder(HideCursor);
        if (_lines == 0)
            text.Append(ClearAll);
        text.Append(Home);
        for (var i = 0; i < lines.Count; i++)
        {
            text.Append(i == emphasized ? $"\x1b[7m{lines[i]}\x1b[0m" : lines[i]).Append(ClearLine);
            if (i < lines.Count - 1)
                text.Append("\r\n");
        }

        text.Append(ClearBelow);
        lock (_lock)
        {
            if (_ended)
                return;
            _lines = lines.Count;
            Write(text.ToString());
        }
    }

    /// <summary>Gives the terminal back, with the last picture above the cursor.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        _signals.ForEach(s => s.Dispose());
        Restore();
        _keys.Join();
    }

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        lock (_lock)
        {
            if (_ended)
                return;
            _ended = true;
            if (_lines > 0)
                Write($"\x1b[{_lines};1H\r\n{ShowCursor}");
            if (OperatingSystem.IsLinux())
                _mode?.Restore();
        }
    }

    private void Write(string text)
    {
        try
        {
            _output.Write(Encoding.UTF8.GetBytes(text));
            _output.Flush();
        }
        catch (IOException)
        {
            // The window was closed.
        }
    }

    /// <summary>Looks for keys without ever sitting in a read, which would swallow the first key that is typed afterwards.</summary>
    private void WatchKeys()
    {
        try
        {
            while (!_ended)
            {
                var key = OperatingSystem.IsLinux() ? Termios.ReadKey(100) : ReadConsoleKey();
                if (key is 'q' or 'Q')
                    _quit.TrySetResult();
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // No more keys; Ctrl+C still works.
        }
    }

    private static char? ReadConsoleKey()
    {
        if (Console.KeyAvailable)
            return Console.ReadKey(intercept: true).KeyChar;
        Thread.Sleep(100);
        return null;
    }
}
