using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>The pages of the repository: their code works, prints what they say, and names what is there.</summary>
[Collection(Alone.Name)]
public sealed partial class DocsTests(DocRuns runs) : IClassFixture<DocRuns>
{
    // Those whose code is run; that of docs/help is HelpExampleTests'.
    private static readonly string[] Stories = ["README.md", "docs/tour.md", "docs/cookbook.md"];

    public static TheoryData<string> Pages => [.. DocPage.All];

    public static TheoryData<string, int, string> Runnable => [.. Blocks((_, block) => block.Runs)];

    public static TheoryData<string, int, string> Printing => [.. Blocks((page, block) => block.Runs && page.Shown(block) is not null)];

    public static TheoryData<string, int, string> Pester => [.. Blocks((_, block) => block.IsPester)];

    public static TheoryData<string> Troubles =>
        [
            .. DocPage
                .Read("docs/troubleshooting.md")
                .Headings.SelectMany(heading => heading.Split(", "))
                .Where(word => ErrorId().IsMatch(word)),
        ];

    [Theory]
    [MemberData(nameof(Runnable))]
    public async Task A_block_works_unchanged(string path, int number, string heading)
    {
        var run = await runs.OfAsync(path, number);
        TestContext.Current.TestOutputHelper?.WriteLine($"{heading}\n{run.Output}");
        var fails = DocPage.Read(path).Blocks[number].Directions.Fails;
        Assert.Equal(fails is null ? [] : fails.Split(", "), run.Errors);
    }

    [Theory]
    [MemberData(nameof(Printing))]
    public async Task A_block_prints_what_the_page_shows(string path, int number, string heading)
    {
        var page = DocPage.Read(path);
        var run = await runs.OfAsync(path, number);
        TestContext.Current.TestOutputHelper?.WriteLine($"{heading}\n{run.Output}");
        Assert.Equal(SteadyText.Of(page.Shown(page.Blocks[number])!), SteadyText.Of(run.Output));
    }

    [Theory]
    [MemberData(nameof(Pester))]
    public async Task A_block_of_tests_passes(string path, int number, string heading)
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "This machine has no pwsh.");
        var folder = Directory.CreateTempSubdirectory("containerd-pester-").FullName;
        try
        {
            var file = Path.Combine(folder, "Page.Tests.ps1");
            await File.WriteAllTextAsync(file, DocPage.Read(path).Blocks[number].Code, TestContext.Current.CancellationToken);
            var run = await HostProcess.RunInPwshAsync(
                $$"""
                $pester = Get-Module Pester -ListAvailable | Where-Object Version -GE ([version] '5.0') | Select-Object -First 1
                if (-not $pester) { Say result none; return }
                Import-Module $pester
                $done = Invoke-Pester '{{file}}' -PassThru -Output Detailed
                Say result "$($done.Result) $($done.TotalCount)"
                """
            );
            TestContext.Current.TestOutputHelper?.WriteLine($"{heading}\n{run.Output}\n{run.Error}");
            Assert.SkipWhen(run["result"] == "none", "This machine has no Pester 5 or later.");
            Assert.StartsWith("Passed ", run["result"], StringComparison.Ordinal);
            Assert.NotEqual("Passed 0", run["result"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void PowerShell_on_a_page_can_be_parsed(string path)
    {
        foreach (var block in DocPage.Read(path).Blocks.Where(block => block.IsPowerShell))
        {
            Parser.ParseInput(block.Code, out _, out var errors);
            Assert.True(errors.Length == 0, $"{block.Heading}: {string.Join("; ", errors.Select(error => error.Message))}");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_link_refers_to_a_file_and_a_heading(string path)
    {
        foreach (var link in DocPage.Read(path).Links.Where(link => !Uri.TryCreate(link, UriKind.Absolute, out _)))
        {
            var parts = link.Split('#');
            var target =
                parts[0].Length == 0
                    ? path
                    : Path.GetRelativePath(
                        Repository.Root,
                        Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, parts[0]))
                    );
            var there = Path.Combine(Repository.Root, target);
            Assert.True(File.Exists(there) || Directory.Exists(there), $"{path} links to {link}, and there is no {target}.");
            if (parts.Length > 1)
                Assert.Contains(parts[1], DocPage.Read(target).Anchors);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_command_that_a_page_names_is_exported(string path) =>
        Assert.DoesNotContain(
            CommandName().Matches(File.ReadAllText(Path.Combine(Repository.Root, path))).Select(match => match.Value).Distinct(),
            name => !ExportedCommands.Has(name)
        );

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_parameter_that_a_page_uses_exists(string path)
    {
        var page = DocPage.Read(path);
        var used = page
            .Blocks.Where(block => block.IsPowerShell)
            .SelectMany(block => InScript(block.Code))
            .Concat(page.Spans.SelectMany(InSentence));
        Assert.DoesNotContain(used.Distinct(), use =>
            ExportedCommands.Has(use.Command) && !ExportedCommands.Has(use.Command, use.Parameter)
        );
    }

    [Fact]
    public void The_table_of_the_README_has_every_command()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "README.md"))
            .SkipWhile(line => line != "| For | Cmdlets |")
            .TakeWhile(line => line.StartsWith('|'));
        var listed = rows.SelectMany(Commands).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(ExportedCommands.Names.Except(listed), []);
    }

    // `Get-`, `New-CtrSnapshot` are two commands of one noun.
    private static IEnumerable<string> Commands(string row)
    {
        var noun = "";
        foreach (Match match in VerbAndNoun().Matches(row).Reverse())
        {
            noun = match.Groups["noun"].Value is { Length: > 0 } own ? own : noun;
            yield return match.Groups["verb"].Value + noun;
        }
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public void An_error_on_the_troubleshooting_page_exists_in_the_sources(string id) => Assert.Contains(id, SourceErrors.All);

    private static IEnumerable<(string Path, int Number, string Heading)> Blocks(Func<DocPage, DocBlock, bool> where) =>
        Stories
            .Select(DocPage.Read)
            .SelectMany(page => page.Blocks.Where(block => where(page, block)).Select(block => (page.Path, block.Number, block.Heading)));

    private static IEnumerable<(string Command, string Parameter)> InScript(string code) =>
        Parser
            .ParseInput(code, out _, out _)
            .FindAll(part => part is CommandAst, searchNestedScriptBlocks: true)
            .Cast<CommandAst>()
            .Where(command => command.GetCommandName() is not null)
            // What follows -- is another program's.
            .SelectMany(command =>
                command
                    .CommandElements.TakeWhile(element => element.Extent.Text != "--")
                    .OfType<CommandParameterAst>()
                    .Select(parameter => (command.GetCommandName(), parameter.ParameterName))
            );

    private static IEnumerable<(string Command, string Parameter)> InSentence(string span) =>
        CommandWithArguments()
            .Matches(span)
            .SelectMany(use =>
                ParameterName()
                    .Matches(use.Groups["rest"].Value.Split(" -- ")[0])
                    .Select(parameter => (use.Groups["name"].Value, parameter.Groups["name"].Value))
            );

    [GeneratedRegex(@"`(?<verb>[A-Z][a-z]+-)(?<noun>Ctr[A-Za-z]*)?")]
    private static partial Regex VerbAndNoun();

    [GeneratedRegex(@"\b[A-Z][a-z]+-Ctr[A-Za-z]*\b")]
    private static partial Regex CommandName();

    [GeneratedRegex(@"\b(?<name>[A-Z][a-z]+-Ctr[A-Za-z]*)\b(?<rest>[^;|]*)")]
    private static partial Regex CommandWithArguments();

    [GeneratedRegex(@"(?<![\w-])-(?<name>[A-Z][A-Za-z]+)")]
    private static partial Regex ParameterName();

    [GeneratedRegex(@"^[A-Z][a-z]+([A-Z][a-z0-9]*)+$")]
    private static partial Regex ErrorId();
}
