using System.Text;

namespace Containerd.Host.Terminals;

/// <summary>
/// This process's terminal, for a live view that is redrawn in place. Until it is disposed, keys are not echoed and the cursor is hidden;
/// both are restored by Dispose, and when a signal ends the process.
/// </summary>
internal sealed class TerminalScreen : IDisposable
{
    private const string HideCursor = "\x1b[?25l";
    private const string Home = "\x1b[H";
    private const string ClearAll = "\x1b[2J";
    private const string ClearLine = "\x1b[K";
    private const string ClearBelow = "\x1b[J";

    private readonly TaskCompletionSource _quit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LocalTerminal _terminal = LocalTerminal.Take();
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _keys;
    private int _lines;

    /// <summary>Takes the terminal.</summary>
    public TerminalScreen()
    {
        if (OperatingSystem.IsLinux())
        {
            _terminal.EnterKeys();
            _keys = WatchKeysAsync();
        }
        else
        {
            _keys = Task.Run(WatchConsoleKeys);
        }
    }

    /// <summary>Whether this process has a terminal for input and output.</summary>
    public static bool IsAvailable =>
        !Console.IsInputRedirected && !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>The columns and lines of the window.</summary>
    internal static (int Width, int Height) Size => LocalTerminal.Size;

    /// <summary>Completes when q is typed.</summary>
    public Task Quit => _quit.Task;

    /// <summary>Draws the lines from the top, replacing the previous ones.</summary>
    /// <param name="lines">The lines, which must fit the window.</param>
    /// <param name="emphasized">The number of a highlighted line.</param>
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
        _lines = lines.Count;
        _terminal.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Restores the terminal, with the last view above the cursor.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        _terminal.Dispose();
        _keys.Wait();
        _ended.Dispose();
    }

    private async Task WatchKeysAsync()
    {
        using var input = new ConsoleInput();
        try
        {
            while (!input.IsAtEnd)
            {
                var keys = await input
                    .ReadAsync(byByte: true, static key => key is (byte)'q' or (byte)'Q', Timeout.Infinite, _ended.Token)
                    .ConfigureAwait(false);
                if (keys.Length > 0 && keys.Span[^1] is (byte)'q' or (byte)'Q')
                    _quit.TrySetResult();
            }
        }
        catch (OperationCanceledException) { }
    }

    private void WatchConsoleKeys()
    {
        try
        {
            while (!_ended.IsCancellationRequested)
            {
                if (!Console.KeyAvailable)
                    Thread.Sleep(100);
                else if (Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q')
                    _quit.TrySetResult();
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // No more keys are read; Ctrl+C still works.
        }
    }
}
