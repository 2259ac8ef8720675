using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Terminals;

/// <summary>A test with terminals, in each of which a user's PowerShell waits at its prompt, connected to the shared daemon.</summary>
public abstract class TerminalTest(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    /// <summary>The prompt of busybox's shell.</summary>
    protected const string ShellPrompt = "/ #";

    /// <summary>The shells that users type into: the engine host, and pwsh if it is installed.</summary>
    public static TheoryData<bool> Hosts => HostProcess.Pwsh is null ? [false] : [false, true];

    /// <summary>Opens a window with a prompt in it.</summary>
    protected async Task<Terminal> OpenAsync(int width = 90, int height = 20, bool pwsh = false, DaemonFixture? fixture = null)
    {
        fixture ??= DaemonFixture;
        var terminal = await Terminal.OpenAsync(width, height);
        try
        {
            await terminal.PromptAsync($"$null = Connect-CtrSession '{fixture.Daemon.Address}' -Namespace {fixture.Namespace}", pwsh);
            return terminal;
        }
        catch
        {
            await terminal.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs a command in the container's shell that the window shows, and waits until it has ended and the shell waits again.
    /// </summary>
    protected static async Task RunAsync(Terminal terminal, string command)
    {
        // What is typed ahead, a shell that asks the terminal where its cursor is may lose.
        var mark = PrivateDaemon.Unique("done");
        await terminal.SayAsync($"{command}; echo {mark}");
        await terminal.ShowsAsync(text =>
            text.Contains($"\n{mark}\n", StringComparison.Ordinal) || text.StartsWith(mark, StringComparison.Ordinal)
        );
        await AtShellAsync(terminal);
    }

    /// <summary>Types a command that opens a shell in a container, and waits for its prompt.</summary>
    protected static async Task EnterAsync(Terminal terminal, string command)
    {
        await terminal.SayAsync(command);
        await AtShellAsync(terminal);
    }

    /// <summary>Waits until the window's last line is the container's prompt, with nothing behind it.</summary>
    protected static Task AtShellAsync(Terminal terminal) => terminal.ShowsAsync(text => text.Split('\n')[^1].TrimEnd() == ShellPrompt);

    /// <summary>Ends the PowerShell in the window; the terminal's settings are those of before.</summary>
    protected static async Task LeaveAsync(Terminal terminal)
    {
        await terminal.SayAsync("exit");
        await SameSettingsAsync(terminal);
    }

    protected static async Task SameSettingsAsync(Terminal terminal)
    {
        var (before, after) = await terminal.SettingsAsync();
        Assert.Equal(before, after);
    }

    /// <summary>No process of an exec is left in the container.</summary>
    protected Task NothingLeftAsync() =>
        Eventually.TrueAsync(() => Engine.Require($"Get-CtrProcess {Id}").Count == 1, TimeSpan.FromSeconds(30));
}
