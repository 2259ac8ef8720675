using System.Management.Automation.Language;
using Containerd.Help;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>
/// Runs every example of docs/help as it stands, and compares what it prints where the page shows that: in a namespace of its own, with the
/// image busybox, in the current folder the archive busybox.tar, and a registry.
/// Those that need ssh find a real sshd behind the names web1 and web2, and the daemon there. An example that uses commands beyond the
/// engine's core runs in pwsh, where there is one; those for a terminal are typed by <see cref="HelpTerminalTests"/>.
/// </summary>
[Collection(Alone.Name)]
public sealed class HelpExampleTests(ExampleStage stage) : IClassFixture<ExampleStage>
{
    public static TheoryData<string, string> Examples =>
        [
            .. HelpFolder
                .Read(Path.Combine(Repository.Root, "docs", "help"))
                .Values.SelectMany(page =>
                    page.Examples.Where(example => example.Directions.Terminal.Count == 0).Select(example => (page.Name, example.Title))
                ),
        ];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_works_unchanged(string cmdlet, string title)
    {
        var page = HelpFolder.ReadPage(Path.Combine(Repository.Root, "docs", "help", cmdlet + ".md"));
        var example = page.Examples.Single(example => example.Title == title);
        var directions = example.Directions;
        Assert.Contains(cmdlet, example.Code, StringComparison.OrdinalIgnoreCase);

        // CRIU comes with the later suite's programs.
        var daemon = directions.Needs == "criu" ? await stage.WithCriu() : stage.Daemon;
        var place = PrivateDaemon.Unique("help");
        using var engine = new Engine();
        var path = Environment.GetEnvironmentVariable("PATH");
        if (directions.Needs == "ssh")
            Environment.SetEnvironmentVariable("PATH", $"{await stage.WithSsh()}:{path}");
        try
        {
            var before = $"""
                {stage.Setup(daemon, place)}
                {directions.Given}
                """;
            var beyond = Commands(directions.Given + "\n" + example.Code)
                .Where(name => engine.Invoke($"Get-Command '{name}' -ErrorAction Ignore").Output.Count == 0)
                .ToList();
            if (example.Output is { } output)
            {
                Assert.Empty(beyond);
                engine.Require(before);
                // An error would be shown too.
                Assert.Equal(
                    SteadyText.Of(output),
                    SteadyText.Of(
                        engine
                            .Display(example.Code)
                            .Replace(stage.FolderOf(place), "/home/me", StringComparison.Ordinal)
                            .Replace(place, "default", StringComparison.Ordinal)
                    )
                );
                return;
            }

            var errors = beyond.Count == 0 ? InEngine(engine, before, example.Code) : await InPwshAsync(beyond, before, example.Code);
            Assert.Equal(directions.Fails is null ? [] : [directions.Fails], errors);
        }
        finally
        {
            Environment.SetEnvironmentVariable("PATH", path);
            engine.Invoke(ExampleStage.End(daemon, place));
        }
    }

    private static IEnumerable<string> InEngine(Engine engine, string before, string code)
    {
        engine.Require(before);
        var done = engine.Invoke(code);
        Assert.Null(done.Exception);
        return done.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]);
    }

    private static async Task<IEnumerable<string>> InPwshAsync(IEnumerable<string> beyond, string before, string code)
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, $"The engine's core has no {string.Join(", ", beyond)}, and this machine no pwsh.");
        var run = await HostProcess.RunInPwshAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module Containerd
            {{before}}
            # What fails is counted in $Error: standard error is for what is not counted there.
            $ErrorActionPreference = 'SilentlyContinue'
            $Error.Clear()
            & {
            {{code}}
            } | Out-Host
            foreach ($record in $Error) { [Console]::WriteLine("failed=$($record.FullyQualifiedErrorId)`n$record") }
            """
        );
        TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
        Assert.Equal("", run.Error);
        return run
            .Output.Split('\n')
            .Where(line => line.StartsWith("failed=", StringComparison.Ordinal))
            .Select(line => line["failed=".Length..].Split(',')[0]);
    }

    private static IEnumerable<string> Commands(string script) =>
        Parser
            .ParseInput(script, out _, out _)
            .FindAll(part => part is CommandAst or FileRedirectionAst, searchNestedScriptBlocks: true)
            // What goes into a file goes there through a command.
            .Select(part =>
                part is CommandAst command ? command.GetCommandName()
                : ((FileRedirectionAst)part).Location.ToString() == "$null" ? null
                : "Out-File"
            )
            .OfType<string>()
            .Distinct();
}
