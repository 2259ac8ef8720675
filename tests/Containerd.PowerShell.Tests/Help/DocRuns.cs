using System.Text;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>Runs pages in pwsh: the blocks of each one after another, in one session and namespace, as a user would run them.</summary>
public sealed class DocRuns : IAsyncLifetime
{
    private const string Begin = "==== ";
    private const string Failed = "==failed==";

    private readonly ExampleStage _stage = new();
    private readonly Dictionary<string, Task<IReadOnlyDictionary<int, DocRun>>> _runs = [];

    public ValueTask InitializeAsync() => _stage.InitializeAsync();

    public ValueTask DisposeAsync() => _stage.DisposeAsync();

    /// <summary>What came of a block. A page is run once.</summary>
    internal async Task<DocRun> OfAsync(string path, int number)
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "This machine has no pwsh.");
        Task<IReadOnlyDictionary<int, DocRun>> run;
        lock (_runs)
        {
            if (!_runs.TryGetValue(path, out run!))
                _runs[path] = run = RunAsync(DocPage.Read(path));
        }

        var runs = await run;
        return runs.TryGetValue(number, out var done)
            ? done
            : throw new InvalidOperationException($"{path} ended before its block {number}.");
    }

    private async Task<IReadOnlyDictionary<int, DocRun>> RunAsync(DocPage page)
    {
        var blocks = page.Blocks.Where(block => block.Runs).ToList();
        var needs = blocks.Select(block => block.Directions.Needs).OfType<string>().ToHashSet();
        var daemon = needs.Contains("criu") ? await _stage.WithCriu() : _stage.Daemon;
        var environment = needs.Contains("ssh")
            ? new Dictionary<string, string?> { ["PATH"] = $"{await _stage.WithSsh()}:{Environment.GetEnvironmentVariable("PATH")}" }
            : null;
        var place = PrivateDaemon.Unique("docs");
        var script = new StringBuilder(
            $$"""
            $ErrorActionPreference = 'Stop'
            Import-Module Containerd
            {{_stage.Setup(daemon, place)}}
            $ErrorActionPreference = 'Continue'
            $ProgressPreference = 'SilentlyContinue'

            """
        );
        foreach (var block in blocks)
        {
            // Statement by statement, each made of its text: so everything looks as it does at a prompt.
            script.Append(
                $$"""
                [Console]::WriteLine('{{Begin}}{{block.Number}}')
                . ([scriptblock]::Create({{Text(block.Directions.Given)}})) | Out-Null
                foreach ($statement_ in [Management.Automation.Language.Parser]::ParseInput({{Text(
                    block.Code
                )}}, [ref] $null, [ref] $null).EndBlock.Statements) {
                    $failed_ = [Collections.Generic.List[string]]::new()
                    try {
                        . ([scriptblock]::Create($statement_.Extent.Text)) 2>&1 6>&1 |
                            ForEach-Object { if ($_ -is [Management.Automation.ErrorRecord]) { $failed_.Add($_.FullyQualifiedErrorId) }; $_ } |
                            Out-String -Width {{Engine.Width}} -Stream | ForEach-Object { [Console]::WriteLine($_) }
                    }
                    catch {
                        $failed_.Add($_.FullyQualifiedErrorId)
                        [Console]::WriteLine("$_")
                    }
                    foreach ($id_ in $failed_) { [Console]::WriteLine("{{Failed}}$id_") }
                }

                """
            );
        }

        try
        {
            var run = await HostProcess.RunInPwshAsync(script.ToString(), environment);
            Assert.Equal("", run.Error);
            return run
                .Output.Split('\n' + Begin)
                .Select(part => part.Split('\n'))
                .Where(lines => int.TryParse(lines[0].Replace(Begin, "", StringComparison.Ordinal), out _))
                .ToDictionary(
                    lines => int.Parse(lines[0].Replace(Begin, "", StringComparison.Ordinal)),
                    lines => new DocRun(
                        string.Join('\n', lines.Skip(1).Where(line => !line.StartsWith(Failed, StringComparison.Ordinal)))
                            .Replace(place, "default", StringComparison.Ordinal),
                        [
                            .. lines
                                .Where(line => line.StartsWith(Failed, StringComparison.Ordinal))
                                .Select(line => line[Failed.Length..].Split(',')[0]),
                        ]
                    )
                );
        }
        finally
        {
            using var engine = new Engine();
            engine.Invoke(ExampleStage.End(daemon, place));
        }
    }

    // Whatever quotes it has.
    private static string Text(string code) =>
        $"([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('{Convert.ToBase64String(Encoding.UTF8.GetBytes(code))}')))";
}

/// <summary>What came of a block.</summary>
/// <param name="Output">What it printed, 100 columns wide.</param>
/// <param name="Errors">The ids of the errors that it showed.</param>
internal sealed record DocRun(string Output, IReadOnlyList<string> Errors);
