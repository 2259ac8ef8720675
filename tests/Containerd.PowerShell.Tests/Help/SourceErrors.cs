using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Help;

/// <summary>The error ids of the sources, and which of them are used without a remedy.</summary>
internal static partial class SourceErrors
{
    private static readonly List<(string File, string Text)> Sources =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(file => (file, File.ReadAllText(file))),
    ];

    private static readonly List<string> OfLibraries =
    [
        .. Sources
            .Where(source => !source.File.Contains("/src/Containerd.PowerShell/", StringComparison.Ordinal))
            .Select(source => source.Text),
    ];

    private static readonly List<string> OfResources =
    [
        .. Sources
            .Where(source => Path.GetFileName(source.File) == "ResourceErrorIds.cs")
            .SelectMany(source => Constant().Matches(source.Text))
            .Select(match => match.Groups["id"].Value),
    ];

    /// <summary>All ids.</summary>
    public static IReadOnlySet<string> All { get; } =
        typeof(ErrorIds).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToHashSet(StringComparer.Ordinal);

    /// <summary>The ids of the exceptions that are created without a remedy.</summary>
    public static IReadOnlySet<string> WithoutRemedy { get; } =
        Sources.SelectMany(source => AssignmentsWithoutRemedy(source.Text)).SelectMany(IdsIn).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether a library has a name as an error id, or as a string.</summary>
    public static bool IsNamed(string name) =>
        All.Contains(name) || OfLibraries.Exists(text => text.Contains($"\"{name}\"", StringComparison.Ordinal));

    // ResourceErrorIds has an id for each resource.
    private static IEnumerable<string> IdsIn(string assignment) =>
        Constant()
            .Matches(assignment)
            .Select(match => match.Groups["id"].Value)
            .Concat(
                OfResource()
                    .Matches(assignment)
                    .SelectMany(match => OfResources.Where(id => id.EndsWith(match.Groups["end"].Value, StringComparison.Ordinal)))
            );

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

    [GeneratedRegex(@"\bErrorId = [^;,\n]*")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\bErrorIds\.(?<id>\w+)")]
    private static partial Regex Constant();

    [GeneratedRegex(@"\bResourceErrorIds\.(?<end>\w+)\(")]
    private static partial Regex OfResource();
}
