using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>The error ids that the sources have.</summary>
internal static partial class SourceErrors
{
    private static readonly List<(string File, string Text)> Sources =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => (file, File.ReadAllText(file))),
    ];

    private static readonly List<string> Texts = [.. Sources.Select(source => source.Text)];

    private static readonly List<string> OfLibraries =
    [
        .. Sources
            .Where(source => !source.File.Contains("/src/Containerd.PowerShell/", StringComparison.Ordinal))
            .Select(source => source.Text),
    ];

    // $"{resource}NotFound" is an id for each kind of resource.
    private static readonly List<string> Resources =
    [
        .. Name()
            .Matches(
                Enumeration().Match(Texts.Single(text => text.Contains("enum Resource", StringComparison.Ordinal))).Groups["names"].Value
            )
            .Select(match => match.Value),
    ];

    /// <summary>All ids.</summary>
    public static IReadOnlySet<string> All { get; } = Read();

    /// <summary>The ids of the exceptions that are created without a remedy.</summary>
    public static IReadOnlySet<string> WithoutRemedy { get; } = IdsIn(Texts.SelectMany(AssignmentsWithoutRemedy));

    /// <summary>Whether a library has a name as a string, or as an id for each kind of resource.</summary>
    public static bool IsNamed(string name) =>
        All.Contains(name) || OfLibraries.Exists(text => text.Contains($"\"{name}\"", StringComparison.Ordinal));

    private static HashSet<string> Read()
    {
        var ids = IdsIn(Texts.SelectMany(text => Mention().Matches(text)).Select(match => match.Value));
        // Where a method takes the id, its callers in the same file name it.
        ids.UnionWith(
            Texts
                .Where(text => text.Contains("ErrorId = errorId,", StringComparison.Ordinal))
                .SelectMany(text => Literal().Matches(text))
                .Select(match => match.Groups["id"].Value)
        );
        return ids;
    }

    private static HashSet<string> IdsIn(IEnumerable<string> parts)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            ids.UnionWith(Literal().Matches(part).Select(match => match.Groups["id"].Value));
            ids.UnionWith(Composed().Matches(part).SelectMany(match => Resources.Select(resource => resource + match.Groups["end"].Value)));
        }

        return ids;
    }

    /// <summary>Finds the object initializers that have an id and no remedy.</summary>
    private static IEnumerable<string> AssignmentsWithoutRemedy(string text)
    {
        foreach (Match match in Assignment().Matches(text))
        {
            var (start, end, depth) = (match.Index, match.Index, 0);
            while (start > 0 && !(text[start] == '{' && depth == 0))
                depth +=
                    text[--start] == '}' ? 1
                    : text[start] == '{' && depth > 0 ? -1
                    : 0;
            for (depth = 0; end < text.Length && !(text[end] == '}' && depth == 0); end++)
                depth +=
                    text[end] == '{' ? 1
                    : text[end] == '}' ? -1
                    : 0;
            if (!text[start..end].Contains("Remedy", StringComparison.Ordinal))
                yield return match.Value;
        }
    }

    [GeneratedRegex(@"\bErrorId (=|==|is) [^;,}]*(\}[A-Za-z]+"")?")]
    private static partial Regex Mention();

    [GeneratedRegex(@"\bErrorId = [^;,\n]*")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<!\$)""(?<id>[A-Z]\w+)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\$""\{resource\}(?<end>\w+)""")]
    private static partial Regex Composed();

    [GeneratedRegex(@"enum Resource\s*\{(?<names>[^}]*)\}")]
    private static partial Regex Enumeration();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Name();
}
