using System.Text.RegularExpressions;
using Containerd.Testing;
using Mono.Cecil;

namespace Containerd.Client.Tests.Architecture;

/// <summary>Dependencies run one way: between the libraries, and between the folders of each one.</summary>
public sealed partial class LayerTests
{
    [Theory]
    [InlineData("Containerd.Host")]
    [InlineData("Containerd.Oci")]
    [InlineData("Containerd.Client")]
    public void A_folder_uses_only_the_folders_below_it(string project)
    {
        var order = Layers.Folders[project];
        var folders = FoldersOf(project);
        Assert.Empty(folders.Values.Distinct().Except(order));
        var violations = new SortedSet<string>(StringComparer.Ordinal);
        using var assembly = Open(project);
        foreach (var type in assembly.MainModule.Types.Where(t => IsOurs(t, folders)))
        {
            var from = folders[NameOf(type)];
            foreach (var used in Dependencies.Of(type).Where(d => d.Scope == assembly.MainModule && IsOurs(d, folders)))
            {
                var to = folders[NameOf(used)];
                if (from != to && Array.IndexOf(order, to) > Array.IndexOf(order, from))
                    violations.Add($"{Show(from)}{NameOf(type)} uses {Show(to)}{NameOf(used)}, which is in a higher layer.");
            }
        }

        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));

        static string Show(string folder) => folder.Length > 0 ? folder + "/" : "";
    }

    [Theory]
    [InlineData("Containerd")]
    [InlineData("Containerd.Host")]
    [InlineData("Containerd.Oci")]
    [InlineData("Containerd.Client")]
    public void A_library_refers_only_to_the_libraries_below_it(string project)
    {
        using var assembly = Open(project);
        var others = assembly
            .MainModule.AssemblyReferences.Select(r => r.Name)
            .Where(n =>
                n is not ("netstandard" or "System.Private.CoreLib")
                && !n.StartsWith("System.", StringComparison.Ordinal)
                && !n.StartsWith("Microsoft.Win32.", StringComparison.Ordinal)
            );
        Assert.Empty(others.Except(Layers.References[project]));
    }

    /// <summary>
    /// Public types have the namespace of their library, which a caller names; internal ones have that of their folder, which says where
    /// they are.
    /// </summary>
    [Theory]
    [InlineData("Containerd.Host")]
    [InlineData("Containerd.Oci")]
    [InlineData("Containerd.Client")]
    public void An_internal_type_has_the_namespace_of_its_folder(string project)
    {
        var folders = FoldersOf(project);
        using var assembly = Open(project);
        var wrong = assembly
            .MainModule.Types.Where(t => IsOurs(t, folders) && t.Namespace != Expected(t))
            .Select(t => $"{t.FullName} should be in {Expected(t)}")
            .Order();
        Assert.Empty(wrong);

        string Expected(TypeDefinition type) =>
            type.IsPublic || IsBesideAPublicType(type) || folders[NameOf(type)].Length == 0
                ? project
                : $"{project}.{folders[NameOf(type)].Replace('/', '.')}";

        // A small internal type may share the file of the public type that uses it.
        bool IsBesideAPublicType(TypeDefinition type) => type.Namespace == project && PublicFiles(project).Contains(NameOf(type));
    }

    // The stubs that protoc generates have no folder.
    private static bool IsOurs(TypeReference type, Dictionary<string, string> folders) =>
        folders.ContainsKey(NameOf(type)) && !Outermost(type).Namespace.Contains(".Wire.", StringComparison.Ordinal);

    private static AssemblyDefinition Open(string project) =>
        AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, project + ".dll"));

    private static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    private static string NameOf(TypeReference type)
    {
        var name = Outermost(type).Name;
        var tick = name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? name : name[..tick];
    }

    /// <summary>The folder of each type that the sources of a project declare.</summary>
    private static Dictionary<string, string> FoldersOf(string project)
    {
        var root = Path.Combine(Repository.Root, "src", project);
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in SourcesOf(root))
        {
            var folder = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '/');
            foreach (Match declaration in Declaration().Matches(File.ReadAllText(file)))
                folders[declaration.Groups["name"].Value] = folder == "." ? "" : folder;
        }

        Assert.NotEmpty(folders);
        return folders;
    }

    private static HashSet<string> PublicFiles(string project) =>
        [
            .. SourcesOf(Path.Combine(Repository.Root, "src", project))
                .Select(File.ReadAllText)
                .Where(text => Declaration().Matches(text).Any(d => d.Value.StartsWith("public ", StringComparison.Ordinal)))
                .SelectMany(text => Declaration().Matches(text))
                .Select(d => d.Groups["name"].Value),
        ];

    private static IEnumerable<string> SourcesOf(string root) =>
        Directory
            .EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    // Types at the outermost level begin in the first column.
    [GeneratedRegex(
        @"^(?:public |internal |sealed |static |abstract |readonly |partial |unsafe |ref )*(?:class|struct|record struct|record|interface|enum|delegate [\w<>\[\],\? ]+?) (?<name>[A-Z]\w*)",
        RegexOptions.Multiline
    )]
    private static partial Regex Declaration();
}
