using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>docs/ctr.md has a word on every command and flag of the newest <c>ctr</c> that the tests run.</summary>
public sealed partial class CtrPageTests
{
    // Commands whose whole tree the page leaves out, and what every command has.
    private static readonly string[] LeftOut = ["pprof", "install", "sandboxes", "shim", "help"];
    private static readonly string[] Everywhere = ["--help"];

    // Whose flags the page tells about at another command: the registry's are those of pull.
    private static readonly Dictionary<string, string[]> Shared = new(StringComparer.Ordinal)
    {
        ["images push"] = ["images"],
        ["images mount"] = ["images"],
        ["content fetch"] = ["images"],
        ["content fetch-object"] = ["images"],
        ["content fetch-blob"] = ["images"],
        ["content push-object"] = ["images"],
        ["containers create"] = ["run"],
    };

    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "ctr.md"));

    [Fact]
    public async Task It_covers_every_command_and_flag()
    {
        var ctr = Path.Combine(await DebianSuite.FolderAsync("sid"), "bin", "ctr");
        var missing = new List<string>();
        await WalkAsync([]);
        Assert.Empty(missing);

        async Task WalkAsync(string[] command)
        {
            var help = await Shell.RunAsync(ctr, [.. command, "--help"]);
            var name = string.Join(' ', command);
            // A command's own part of the page, and what is left out.
            var told =
                command.Length == 0
                    ? Page
                    : Section(command[0]) + string.Concat(Shared.GetValueOrDefault(name, []).Select(Section)) + Section("Left out");
            if (
                command.Length > 0
                && !Regex.IsMatch(
                    Page,
                    $@"ctr {Regex.Escape(command[0])}\b" + (command.Length == 1 ? "" : $@".*\b{Regex.Escape(command[^1])}\b")
                )
            )
                missing.Add(name);
            var subcommands = Subcommands(help)
                .Where(sub => command.Length > 0 || !LeftOut.Contains(sub))
                .Where(sub => sub != "help")
                .ToList();
            if (command.Length == 0 || subcommands.Count == 0)
                missing.AddRange(
                    Flags(help)
                        .Except(Everywhere)
                        .Where(flag => !Regex.IsMatch(told, $@"{Regex.Escape(flag)}(?![\w-])"))
                        .Select(flag => $"{name} {flag}")
                );
            foreach (var sub in subcommands)
                await WalkAsync([.. command, sub]);
        }
    }

    private static string Section(string title)
    {
        var start = Regex.Match(Page, $@"(?m)^## .*\b{Regex.Escape(title)}\b.*$");
        Assert.True(start.Success, $"There is no section for {title}.");
        var end = Page.IndexOf("\n## ", start.Index + 1, StringComparison.Ordinal);
        return end < 0 ? Page[start.Index..] : Page[start.Index..end];
    }

    private static IEnumerable<string> Subcommands(string help) =>
        Part(help, "COMMANDS")
            .Select(line => CommandLine().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value);

    private static IEnumerable<string> Flags(string help) =>
        Part(help, "OPTIONS")
            .Select(line => FlagLine().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value)
            .Distinct();

    private static IEnumerable<string> Part(string help, string title) =>
        help.Split('\n')
            .SkipWhile(line => !line.Contains(title, StringComparison.Ordinal))
            .Skip(1)
            .TakeWhile(line => !line.Contains("OPTIONS:", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s{2,}([a-z][a-z-]*)(?:, [\w-]+)*(?:\s{2,}|\s*$)")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"^\s{2,}(--[a-z][a-z-]*)")]
    private static partial Regex FlagLine();
}
