using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Terminals;

/// <summary>Colours are written only to a terminal that shows them.</summary>
public sealed class ColorTests(DaemonFixtures fixtures) : TerminalTest(fixtures)
{
    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_state_has_its_color_in_a_terminal_unless_colors_are_disabled(bool pwsh)
    {
        await using var terminal = await OpenAsync(pwsh: pwsh);
        await terminal.SayAsync(
            "function show { 'Running', 'Paused', 'Stopped' | ForEach-Object { [Containerd.CtrTask]@{ ContainerId = 'a'; Status = $_ } }; \"$args\" }"
        );
        await terminal.PromptReturnsAsync();
        var styled = await ShownAsync("first");
        foreach (var (state, code) in new[] { ("Running", 32), ("Paused", 33), ("Stopped", 31) })
            Assert.Contains($"\u001b[{code}m{state}", styled, StringComparison.Ordinal);

        await terminal.ClearAsync("$PSStyle.OutputRendering = 'PlainText'; ");
        var plain = await ShownAsync("second");
        Assert.Contains(" Running\n", plain, StringComparison.Ordinal);
        Assert.DoesNotContain("mRunning", plain, StringComparison.Ordinal);
        await LeaveAsync(terminal);

        async Task<string> ShownAsync(string mark)
        {
            await terminal.SayAsync("show " + mark);
            await terminal.ShowsAsync(text => text.Contains("\n" + mark, StringComparison.Ordinal));
            return await terminal.StyledAsync();
        }
    }
}
