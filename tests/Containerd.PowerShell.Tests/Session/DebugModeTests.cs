using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>
/// -Debug shows what happens; it does not ask about text that is there to be read, and a host that cannot ask is one clear error.
/// </summary>
public sealed class DebugModeTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("")]
    [InlineData("empty")]
    [InlineData("closed")]
    public async Task Debug_shows_verbose_text_as_debug_text_and_does_not_ask(string input)
    {
        var run = await RunAsync(
            input,
            $$"""
            $all = Connect-CtrSession {{DaemonFixture.Daemon.Address}} -Namespace {{DaemonFixture.Namespace}} -Debug 4>&1 5>&1
            Say sessions @($all | Where-Object { $_ -is [Containerd.CtrSession] }).Count
            Say debug @($all | Where-Object { $_ -is [Management.Automation.DebugRecord] -and "$_" -like 'Connected to *' }).Count
            Say verbose @($all | Where-Object { $_ -is [Management.Automation.VerboseRecord] }).Count
            $both = Connect-CtrSession {{DaemonFixture.Daemon.Address}} -Namespace {{DaemonFixture.Namespace}} -Debug -Verbose 4>&1 5>&1
            Say both @($both | Where-Object { $_ -is [Management.Automation.VerboseRecord] }).Count
            """
        );
        Assert.Equal(("1", "1", "0", "1"), (run["sessions"], run["debug"], run["verbose"], run["both"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("empty")]
    public async Task A_warning_with_Debug_without_a_prompt_is_one_error(string input)
    {
        await StartAsync();
        var run = await RunAsync(
            input,
            $$"""
            $null = Connect-CtrSession {{DaemonFixture.Daemon.Address}} -Namespace {{DaemonFixture.Namespace}}
            try { Invoke-CtrExec {{Id}} -Debug -- sh -c 'sleep 5 & echo begun' 5> $null }
            catch [Containerd.CtrException] { Say caught $_.FullyQualifiedErrorId.Split(',')[0] }
            catch { Say caught "$($_.Exception.GetType()) $_" }
            # The question that nobody answers ends without a new line.
            [Console]::Out.WriteLine()
            if ($Error.Count -gt 0) { Say error $Error[0].FullyQualifiedErrorId.Split(',')[0]; Say type $Error[0].Exception.GetType().Name }
            $Error.Clear()
            Invoke-CtrExec {{Id}} -Debug -WarningAction SilentlyContinue -- sh -c 'sleep 5 & true' 5> $null
            Say quiet $Error.Count
            """
        );
        Assert.Equal((ErrorIds.PromptNotPossible, "CtrException", "0"), (run["error"], run["type"], run["quiet"]));
    }

    // pwsh runs with -NonInteractive; or without it, but in a session without a terminal, with its standard input empty or closed.
    private static Task<HostRun> RunAsync(string input, string script)
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "There is no pwsh on this machine.");
        script = "Import-Module Containerd\n" + script;
        return input.Length == 0 ? HostProcess.RunInPwshAsync(script) : HostProcess.RunInPwshWithoutConsoleAsync(script, input == "closed");
    }
}
