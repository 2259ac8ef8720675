using System.Text.RegularExpressions;
using Containerd.Testing;

namespace Containerd.Client.Tests.Programs;

/// <summary>What the sources must do in one place only, because elsewhere it would be unsafe.</summary>
public sealed partial class SourceRuleTests
{
    [Fact]
    public void Programs_are_started_in_one_place() => OnlyIn(Starts(), "HostProgram.cs");

    [Fact]
    public void Folders_are_removed_with_their_contents_in_one_place() => OnlyIn(Removals(), "PrivateTree.cs");

    [Fact]
    public void The_mount_table_is_read_in_one_place() => OnlyIn(Tables(), "MountTable.cs", "ContainerRoot.cs");

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

    [GeneratedRegex(@"[Dd]elete\([^;]*\brecursive: true|Directory\.Delete\([^;]*, true\)")]
    private static partial Regex Removals();

    [GeneratedRegex(@"/mountinfo|/proc/(self/)?mounts""")]
    private static partial Regex Tables();
}
