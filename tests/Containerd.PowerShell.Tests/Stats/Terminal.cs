using System.Globalization;
using Containerd.EngineHost;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Stats;

/// <summary>A terminal of a test's own, in tmux: scripts run in it in the engine host, keys are typed, and what the window shows is read.</summary>
public sealed class Terminal : IAsyncDisposable
{
    private readonly string _socket = PrivateDaemon.Unique("terminal");
    private int _runs;

    private Terminal() => Folder = Directory.CreateTempSubdirectory("containerd-terminal-").FullName;

    /// <summary>Where the test may put files.</summary>
    public string Folder { get; }

    public static async Task<Terminal> OpenAsync(int width, int height)
    {
        var terminal = new Terminal();
        await terminal.TmuxAsync("-f", "/dev/null", "new-session", "-d", "-x", $"{width}", "-y", $"{height}", "env PS1='$ ' TERM=xterm sh");
        await terminal.ShowsAsync(text => text.Contains('$'));
        return terminal;
    }

    /// <summary>Types the command that runs a script; what stty says before and after it is kept.</summary>
    public async Task RunAsync(string script)
    {
        var file = $"{Folder}/script{++_runs}.ps1";
        await File.WriteAllTextAsync(file, "Import-Module Containerd\n" + script);
        await File.WriteAllTextAsync(
            $"{Folder}/run{_runs}",
            $"""
            # Ctrl+C is for the script alone.
            trap : INT
            rm -f {Folder}/ended
            stty -a | sed 's/rows.*line/line/' > {Folder}/before
            CONTAINERD_MODULES={Path.GetDirectoryName(Repository.Module)} dotnet {typeof(EngineSession).Assembly.Location} {file}
            stty -a | sed 's/rows.*line/line/' > {Folder}/after
            : > {Folder}/ended
            """);
        await TypeAsync($"clear; sh {Folder}/run{_runs}", "Enter");
    }

    public async Task TypeAsync(params string[] keys) => await TmuxAsync(["send-keys", .. keys]);

    public Task ResizeAsync(int width, int height) => TmuxAsync("resize-window", "-x", $"{width}", "-y", $"{height}");

    public async Task<string> TextAsync() => await TmuxAsync("capture-pane", "-p");

    /// <summary>Whether the cursor can be seen.</summary>
    public async Task<bool> CursorAsync() => int.Parse(await TmuxAsync("display-message", "-p", "#{cursor_flag}"), CultureInfo.InvariantCulture) == 1;

    public async Task ShowsAsync(Func<string, bool> what)
    {
        var text = "";
        var giveUp = DateTime.UtcNow.AddSeconds(30);
        while (!what(text = await TextAsync()))
        {
            if (DateTime.UtcNow > giveUp) throw new TimeoutException($"The window shows:\n{text}");
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until the cursor can be seen.</summary>
    public async Task CursorReturnsAsync()
    {
        for (var i = 0; i < 100 && !await CursorAsync(); i++) await Task.Delay(100);
        Assert.True(await CursorAsync());
    }

    /// <summary>Waits until the script's process has ended.</summary>
    public Task EndsAsync() => Eventually.TrueAsync(() => File.Exists($"{Folder}/ended"));

    /// <summary>The terminal's settings are what they were before the script.</summary>
    public async Task SameSettingsAsync()
    {
        await EndsAsync();
        Assert.Equal(await File.ReadAllTextAsync($"{Folder}/before"), await File.ReadAllTextAsync($"{Folder}/after"));
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.TryAsync("tmux", "-L", _socket, "kill-server");
        Directory.Delete(Folder, recursive: true);
    }

    private Task<string> TmuxAsync(params string[] arguments) => Shell.RunAsync("tmux", ["-L", _socket, .. arguments]);
}
