using Containerd.Help;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>Types every example of docs/help that is for a terminal, line by line, and the keys that its comments name.</summary>
public sealed class HelpTerminalTests(ExampleStage stage) : IClassFixture<ExampleStage>
{
    public static TheoryData<string, string> Examples =>
        [
            .. HelpFolder
                .Read(Path.Combine(Repository.Root, "docs", "help"))
                .Values.SelectMany(page =>
                    page.Examples.Where(example => example.Directions.Terminal.Count > 0).Select(example => (page.Name, example.Title))
                ),
        ];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_works_as_typed(string cmdlet, string title)
    {
        var example = HelpFolder
            .ReadPage(Path.Combine(Repository.Root, "docs", "help", cmdlet + ".md"))
            .Examples.Single(example => example.Title == title);
        var lines = example.Code.Split('\n');
        Assert.Equal(lines.Length, example.Directions.Terminal.Count);
        var place = PrivateDaemon.Unique("help");
        await using var terminal = await Terminal.OpenAsync(100, 25);
        await terminal.PromptAsync(
            $"""
            $null = $ExecutionContext.SessionState.Path.SetLocation('{stage.Folder}')
            $null = Connect-CtrSession -Address '{stage.Daemon.Address}' -Namespace {place}
            $null = Import-CtrImage ./busybox.tar
            {example.Directions.Given}
            """
        );
        try
        {
            foreach (var (line, fixture) in lines.Zip(example.Directions.Terminal))
            {
                await terminal.ClearAsync();
                await terminal.SayAsync(line);
                await terminal.ShowsAsync(
                    text => text.Split('\n').Any(shown => shown.TrimStart().StartsWith(fixture.Shows, StringComparison.Ordinal)),
                    fixture.Shows
                );
                await terminal.TypeAsync([.. fixture.Keys]);
                await terminal.PromptReturnsAsync();
            }

            await terminal.SayAsync("clear; \"errors $($Error.Count)\"");
            await terminal.ShowsAsync(text =>
                text.Contains("\nerrors 0\n", StringComparison.Ordinal) || text.StartsWith("errors 0\n", StringComparison.Ordinal)
            );
        }
        finally
        {
            using var engine = new Engine();
            engine.Invoke(
                $"Connect-CtrSession -Address '{stage.Daemon.Address}' -Namespace {place}; Get-CtrContainer | Remove-CtrContainer -Force; Disconnect-CtrSession"
            );
        }
    }
}
