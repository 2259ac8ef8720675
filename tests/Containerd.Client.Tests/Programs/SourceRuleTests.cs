using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Programs;

/// <summary>What the sources must do in one place only, because elsewhere it would be unsafe.</summary>
public sealed partial class SourceRuleTests
{
    private static readonly string[] Folders = ["src", "tests", "docs"];

    private const int LongestLine = 140;

    [Fact]
    public void Programs_are_started_in_one_place() => OnlyIn(Starts(), "HostProgram.cs");

    [Fact]
    public void Folders_are_removed_with_their_contents_in_one_place() => OnlyIn(Removals(), "PrivateTree.cs");

    [Fact]
    public void The_mount_table_is_read_in_one_place() => OnlyIn(Tables(), "MountTable.cs", "ContainerRoot.cs");

    [Fact]
    public void Each_part_of_a_new_cmdlet_is_written()
    {
        var files = Folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md"))
            .Where(file => Path.GetExtension(file) is ".cs" or ".md" && IsSource(file))
            // The scaffold writes the mark.
            .Where(file =>
                !file.Contains("/Containerd.Scaffold/", StringComparison.Ordinal)
                && Path.GetFileName(file) is not ("ScaffoldTests.cs" or "SourceRuleTests.cs")
            );
        var marked = files.Where(file => File.ReadAllText(file).Contains("TODO: ", StringComparison.Ordinal)).ToList();
        Assert.Empty(marked);
    }

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void A_line_has_at_most_140_characters(string folder)
    {
        var flaws =
            from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
            where IsSource(file)
            from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
            where line.Text.Length > LongestLine && !(folder == "src" ? Pattern() : Script()).IsMatch(line.Text)
            select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Number}";
        Assert.Empty(flaws);
    }

    private static bool IsSource(string file) =>
        !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal);

    private static void OnlyIn(Regex pattern, params string[] files)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories))
        {
            if (
                !file.Contains("/obj/", StringComparison.Ordinal)
                && !file.Contains("/bin/", StringComparison.Ordinal)
                && pattern.IsMatch(File.ReadAllText(file))
            )
                found.Add(Path.GetFileName(file));
        }

        Assert.Equal(files.Order(), found.Order());
    }

    // The ways of .NET and of the C library; UseShellExecute and InvokeScript end in the first.
    [GeneratedRegex(@"ProcessStartInfo\s*\(|\bProcess\.Start\b|\bnew Process\b|EntryPoint = ""(exec|posix_spawn|system|popen|fork|vfork)")]
    private static partial Regex Starts();

    // A regular expression or a JSON document, which reads best in one piece.
    [GeneratedRegex(@"^\s*(\[GeneratedRegex\()?[@$]*(@""|"""""")")]
    private static partial Regex Pattern();

    // The data of a test is often one script. CSharpier wraps all other code.
    [GeneratedRegex(@"^\s*(?!//)\S")]
    private static partial Regex Script();

    [GeneratedRegex(@"[Dd]elete\([^;]*\brecursive: true|Directory\.Delete\([^;]*, true\)")]
    private static partial Regex Removals();

    [GeneratedRegex(@"/mountinfo|/proc/(self/)?mounts""")]
    private static partial Regex Tables();
}
