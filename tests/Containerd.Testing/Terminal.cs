using System.Globalization;
using System.Runtime.CompilerServices;
using Containerd.EngineHost;

namespace Containerd.Testing;

/// <summary>A terminal for one test, in tmux: it runs scripts, types keys and reads the content of the window.</summary>
public sealed class Terminal : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private int _runs;

    private Terminal() => Folder = Directory.CreateTempSubdirectory("containerd-terminal-").FullName;

    /// <summary>A folder for files of the test.</summary>
    public string Folder { get; }

    private string Socket => $"{Folder}/tmux";

    public static async Task<Terminal> OpenAsync(int width, int height)
    {
        var terminal = new Terminal();
        await terminal.TmuxAsync(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            $"{width}",
            "-y",
            $"{height}",
            "env -u NO_COLOR PS1='$ ' TERM=xterm LC_ALL=C.UTF-8 sh"
        );
        await terminal.ShowsAsync(text => text.Contains('$'));
        return terminal;
    }

    /// <summary>Types the command that runs a script; the output of stty before and after it is recorded.</summary>
    public Task RunAsync(string script) => RunAsync(script, $"dotnet {typeof(EngineSession).Assembly.Location}");

    /// <summary>
    /// As <see cref="RunAsync(string)"/>, and then a PowerShell waits for what is typed: pwsh, or the engine host's prompt.
    /// </summary>
    public async Task PromptAsync(string script, bool pwsh = false)
    {
        await RunAsync(
            script,
            pwsh ? $"{HostProcess.Pwsh} -NoProfile -NoLogo -NoExit -File" : $"dotnet {typeof(EngineSession).Assembly.Location} -Prompt"
        );
        await ShowsAsync(AtPrompt);
    }

    /// <summary>Types text as it is, then a key that ends it.</summary>
    public async Task SayAsync(string text, string key = "Enter")
    {
        await TypeAsync("-l", "--", text);
        await TypeAsync(key);
    }

    /// <summary>Types keys by their names.</summary>
    public async Task TypeAsync(params string[] keys) => await TmuxAsync(["send-keys", .. keys]);

    /// <summary>Pastes text, in brackets where the program in the terminal has asked for them.</summary>
    public async Task PasteAsync(string text)
    {
        // The size of an argument is limited; that of a file is not.
        await File.WriteAllTextAsync($"{Folder}/paste", text);
        await TmuxAsync("load-buffer", $"{Folder}/paste");
        await TmuxAsync("paste-buffer", "-p");
    }

    public Task ResizeAsync(int width, int height) => TmuxAsync("resize-window", "-x", $"{width}", "-y", $"{height}");

    /// <summary>What the window shows, without the blank lines at its end.</summary>
    public async Task<string> TextAsync() => (await TmuxAsync("capture-pane", "-p")).TrimEnd('\n');

    /// <summary>As <see cref="TextAsync"/>, with the colours as they were written.</summary>
    public async Task<string> StyledAsync() => await TmuxAsync("capture-pane", "-p", "-e");

    /// <summary>What was written since it was opened, beyond the window's upper edge too.</summary>
    public async Task<string> HistoryAsync() => await TmuxAsync("capture-pane", "-p", "-S", "-");

    /// <summary>Whether the cursor can be seen.</summary>
    public async Task<bool> CursorAsync() => await AskAsync("cursor_flag") == "1";

    /// <summary>A property of the window, by the name of its tmux format.</summary>
    public async Task<string> AskAsync(string format) => (await TmuxAsync("display-message", "-p", $"#{{{format}}}")).Trim();

    public async Task ShowsAsync(Func<string, bool> what, [CallerArgumentExpression(nameof(what))] string expected = "")
    {
        var text = "";
        var giveUp = DateTime.UtcNow + Patience;
        while (!what(text = await TextAsync()))
        {
            if (DateTime.UtcNow > giveUp)
                throw new TimeoutException($"Not {expected}; the window shows:\n{text}");
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until the window's last line is the prompt of a PowerShell without any text after it.</summary>
    public Task PromptReturnsAsync() => ShowsAsync(AtPrompt);

    /// <summary>
    /// Clears the window at a PowerShell's prompt, and waits until the prompt is all that it shows: the prompt from before the command
    /// cannot be
    /// mistaken for the next one, nor earlier output for that of the next command.
    /// </summary>
    /// <param name="before">Commands that run first.</param>
    public async Task ClearAsync(string before = "")
    {
        await SayAsync(before + "clear");
        await ShowsAsync(text => AtPrompt(text) && !text.Trim().Contains('\n'), "a prompt in a window that was cleared");
    }

    /// <summary>Waits until the cursor can be seen.</summary>
    public async Task CursorReturnsAsync()
    {
        var giveUp = DateTime.UtcNow + Patience;
        while (!await CursorAsync())
        {
            if (DateTime.UtcNow > giveUp)
                throw new TimeoutException($"The cursor is not seen; the window shows:\n{await TextAsync()}");
            await Task.Delay(100);
        }
    }

    /// <summary>The id of the process that <see cref="RunAsync(string)"/> or <see cref="PromptAsync"/> started.</summary>
    public async Task<int> ProcessAsync() => int.Parse(await File.ReadAllTextAsync($"{Folder}/pid"), CultureInfo.InvariantCulture);

    /// <summary>Waits until the script's process has ended.</summary>
    public Task EndsAsync() => Eventually.TrueAsync(() => File.Exists($"{Folder}/ended"), Patience);

    /// <summary>The terminal's settings as stty prints them before the script, and after it has ended.</summary>
    public async Task<(string Before, string After)> SettingsAsync()
    {
        await EndsAsync();
        return (await File.ReadAllTextAsync($"{Folder}/before"), await File.ReadAllTextAsync($"{Folder}/after"));
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.TryAsync("tmux", "-S", Socket, "kill-server");
        // The programs in the window get a signal, and write their last files until they have ended.
        await Eventually.TrueAsync(TryDelete);
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return !Directory.Exists(Folder);
        }
    }

    private static bool AtPrompt(string text) =>
        text.Split('\n')[^1] is var last
        && last.StartsWith("PS", StringComparison.Ordinal)
        && last.EndsWith('>')
        && !last.Contains("> ", StringComparison.Ordinal);

    private async Task RunAsync(string script, string shell)
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
            export CONTAINERD_MODULES={Path.GetDirectoryName(Repository.Module)} PSModulePath={Path.GetDirectoryName(
                Repository.Module
            )} POWERSHELL_UPDATECHECK=Off
            sh -c 'echo $$ > {Folder}/pid; exec {shell} {file}'
            stty -a | sed 's/rows.*line/line/' > {Folder}/after
            : > {Folder}/ended
            """
        );
        await TypeAsync($"clear; sh {Folder}/run{_runs}", "Enter");
    }

    private Task<string> TmuxAsync(params string[] arguments) => Shell.RunAsync("tmux", ["-S", Socket, .. arguments]);
}
