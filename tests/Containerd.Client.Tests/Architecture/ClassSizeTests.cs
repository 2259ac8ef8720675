using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Architecture;

/// <summary>A class has one purpose: it fits on a few pages, and it is in one file.</summary>
public sealed partial class ClassSizeTests
{
    private const int MostLines = 400;

    [Fact]
    public void A_source_file_has_at_most_400_lines_of_code()
    {
        var files = Sources("src").Select(file => (Lines: CodeLines(file), Path: Relative(file))).ToList();
        Assert.True(files.Count > 600, $"Only {files.Count} files were found.");
        Assert.Empty(files.Where(file => file.Lines > MostLines).Select(file => $"{file.Path}: {file.Lines}"));
    }

    [Fact]
    public void A_class_is_partial_only_for_generated_code()
    {
        var declarations = Sources("src")
            .Concat(Sources("tests"))
            .SelectMany(file => Partial().Matches(File.ReadAllText(file)).Select(match => (Name: match.Groups["name"].Value, File: file)))
            .ToList();
        Assert.NotEmpty(declarations);
        Assert.Empty(declarations.Where(d => !Generated().IsMatch(File.ReadAllText(d.File))).Select(d => Relative(d.File)));
        Assert.Empty(
            declarations
                .GroupBy(d => (d.Name, Path.GetDirectoryName(d.File)))
                .Where(type => type.Select(d => d.File).Distinct().Count() > 1)
                .Select(type => type.Key.Name)
        );
    }

    private static IEnumerable<string> Sources(string folder) =>
        Directory
            .EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static int CodeLines(string file) =>
        File.ReadLines(file).Count(line => line.AsSpan().TrimStart() is { Length: > 0 } code && !code.StartsWith("//"));

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file);

    [GeneratedRegex(@"^\s*(?:\w+ )*partial (?:(?:record )?(?:class|struct)|record|interface) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Partial();

    // The generators of .NET write the other part.
    [GeneratedRegex(@"^\s*\[(GeneratedRegex|LibraryImport|JsonSerializable)\b", RegexOptions.Multiline)]
    private static partial Regex Generated();
}
