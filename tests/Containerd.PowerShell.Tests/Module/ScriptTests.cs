using System.Management.Automation.Language;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>
/// The repository's own scripts: they parse, spell commands out, call what the module has, and the runbooks say what they are for.
/// </summary>
public sealed class ScriptTests : IDisposable
{
    private static readonly string[] Patterns = ["*.ps1", "*.psd1", "*.psm1"];

    private readonly Engine _engine = new();

    public static TheoryData<string> Scripts =>
        [
            .. Patterns
                .SelectMany(pattern => Directory.EnumerateFiles(Repository.Root, pattern, SearchOption.AllDirectories))
                .Select(path => Path.GetRelativePath(Repository.Root, path))
                .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "out" or "bin" or "obj" or ".git"))
                .Order(StringComparer.Ordinal),
        ];

    public void Dispose() => _engine.Dispose();

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_parses_and_is_plain_text(string script)
    {
        var path = Path.Combine(Repository.Root, script);
        Parser.ParseFile(path, out _, out var errors);
        Assert.Empty(errors.Select(error => $"{error.Extent.StartLineNumber}: {error.Message}"));
        var bytes = File.ReadAllBytes(path);
        Assert.False(bytes is [0xEF, 0xBB, 0xBF, ..], "It begins with a byte order mark.");
        Assert.DoesNotContain((byte)'\r', bytes);
        Assert.Equal((byte)'\n', bytes[^1]);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_uses_full_names_of_commands_and_only_existing_ones_of_the_module(string script)
    {
        var called = Parser
            .ParseFile(Path.Combine(Repository.Root, script), out _, out _)
            .FindAll(part => part is CommandAst, searchNestedScriptBlocks: true)
            .Cast<CommandAst>()
            .Select(command => command.GetCommandName())
            .OfType<string>()
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(
            _engine
                .Require("Get-Command -CommandType Alias | Where-Object { -not $_.Source } | ForEach-Object Name")
                .Select(alias => alias.ToString()),
            called.Contains
        );
        var commands = _engine.Require("(Get-Module Containerd).ExportedCommands.Keys").Select(name => name.ToString()!).ToList();
        Assert.Empty(called.Where(name => name.Contains("-Ctr", StringComparison.OrdinalIgnoreCase)).Except(commands));
    }

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void A_runbook_describes_its_requirements_and_its_purpose(string script)
    {
        var tree = Parser.ParseFile(Path.Combine(Repository.Root, script), out _, out _);
        var help = tree.GetHelpContent();
        Assert.NotEmpty(help.Synopsis);
        Assert.NotEmpty(help.Examples);
        Assert.Contains("Containerd", tree.ScriptRequirements.RequiredModules.Select(module => module.Name));
        Assert.NotNull(tree.ParamBlock);
        Assert.Contains("CmdletBinding", tree.ParamBlock.Attributes.Select(attribute => attribute.TypeName.Name));
        var lines = File.ReadAllLines(Path.Combine(Repository.Root, script));
        Assert.Empty(
            tree.ParamBlock.Parameters.Where(parameter => !lines[parameter.Extent.StartLineNumber - 2].TrimStart().StartsWith('#'))
                .Select(parameter => parameter.Name.ToString())
        );
    }

    public static TheoryData<string> Runbooks =>
        [.. Scripts.Select(row => row.Data).Where(script => script.StartsWith(Path.Combine("docs", "runbooks"), StringComparison.Ordinal))];
}
