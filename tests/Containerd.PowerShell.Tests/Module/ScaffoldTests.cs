using System.Management.Automation;
using Containerd.Help;
using Containerd.Scaffold;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>The files of a new cmdlet, in a copy of those that the scaffold changes.</summary>
public sealed class ScaffoldTests : IDisposable
{
    private const string Commands = "src/Containerd.PowerShell/Commands";
    private const string Tests = "tests/Containerd.PowerShell.Tests";

    private static readonly string[] Changed = ["README.md", "CHANGELOG.md", "docs/cheatsheet.md"];

    private readonly string _root = Directory.CreateTempSubdirectory("containerd-scaffold-").FullName;

    public ScaffoldTests()
    {
        foreach (var folder in new[] { Commands, Tests })
        {
            foreach (var below in Directory.GetDirectories(Path.Combine(Repository.Root, folder)))
                Directory.CreateDirectory(Path.Combine(_root, folder, Path.GetFileName(below)));
        }

        Copy($"{Commands}/Lease/GetCtrLeaseCommand.cs");
        Directory.CreateDirectory(Path.Combine(_root, "docs/help"));
        foreach (var file in Changed)
            Copy(file);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("Get", "Widget", "Widget", "Widget")]
    [InlineData("Remove", "CtrLeaseThing", "Lease", "LeaseThing")]
    public void Each_file_is_written_to_its_place_and_has_marks(string verb, string noun, string folder, string testFolder)
    {
        ArgumentNullException.ThrowIfNull(noun);
        var word = noun.Replace("Ctr", "", StringComparison.Ordinal);
        var written = NewCmdlet.Create(_root, verb, noun).Write();
        Assert.Equal(
            [
                $"{Commands}/{folder}/{verb}Ctr{word}Command.cs",
                $"docs/help/{verb}-Ctr{word}.md",
                $"{Tests}/{testFolder}/{verb}Ctr{word}Tests.cs",
                .. Changed,
            ],
            written
        );
        Assert.All(written, path => Assert.Contains(NewCmdlet.Marker, Read(path), StringComparison.Ordinal));
        Assert.Contains($"`{verb}-Ctr{word}`", Read("README.md"), StringComparison.Ordinal);
        Assert.Equal(verb == "Remove", Read(written[0]).Contains("SupportsShouldProcess", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "\n### Added\n\nNEW\n")]
    [InlineData("\n### Added\n\n- Something.\n", "\n### Added\n\nNEW- Something.\n")]
    [InlineData("\n### Fixed\n\n- Something.\n", "\n### Added\n\nNEW\n### Fixed\n\n- Something.\n")]
    public void A_line_of_the_changelog_is_written_after_a_release_and_before_the_next_one(string before, string after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        const string Release = "\n## [1.0.0] - 2026-01-01\n\n### Added\n\n- Everything.\n";
        File.WriteAllText(Path.Combine(_root, "CHANGELOG.md"), $"# Changelog\n\n## [Unreleased]\n{before}{Release}");
        NewCmdlet.Create(_root, "Get", "Widget").Write();
        var line = $"- {NewCmdlet.Marker} what `Get-CtrWidget` does for the user.\n";
        // Without other changes, the heading of the release follows.
        var expected = before.Length == 0 ? after.TrimEnd('\n') : after;
        Assert.Equal(
            $"# Changelog\n\n## [Unreleased]\n{expected.Replace("NEW", line, StringComparison.Ordinal)}{Release}",
            Read("CHANGELOG.md")
        );
    }

    [Theory]
    [InlineData("Frob", "Widget", "not an approved verb")]
    [InlineData("get", "Widget", "not an approved verb")]
    [InlineData("Get", "widget", "not a noun")]
    [InlineData("Get", "../Widget", "not a noun")]
    [InlineData("Get", "Ctr", "only the prefix")]
    [InlineData("Get", "Lease", "Get-CtrLease exists")]
    [InlineData("Get", "CtrLease", "Get-CtrLease exists")]
    public void A_name_that_cannot_be_used_is_refused(string verb, string noun, string reason) =>
        Assert.Contains(
            reason,
            Assert.Throws<ArgumentException>(() => NewCmdlet.Create(_root, verb, noun)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task What_is_written_compiles_and_its_help_has_each_part()
    {
        NewCmdlet.Create(_root, "Get", "Sample").Write();
        var built = Directory.CreateDirectory(Path.Combine(_root, "built")).FullName;
        // The base classes are for cmdlets of their own assembly, so it is compiled as a whole.
        var module = Path.Combine(built, "Containerd.PowerShell.dll");
        await ScaffoldCompiler.CompileAsync(
            module,
            Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "src/Containerd.PowerShell"), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
                .Append(Path.Combine(_root, $"{Commands}/Sample/GetCtrSampleCommand.cs"))
        );
        var xunit = Path.Combine(built, "Xunit.cs");
        await File.WriteAllTextAsync(xunit, "global using Xunit;");
        await ScaffoldCompiler.CompileAsync(
            Path.Combine(built, "Containerd.PowerShell.Tests.dll"),
            xunit,
            Path.Combine(_root, $"{Tests}/Sample/GetCtrSampleTests.cs"),
            Path.Combine(Repository.Root, $"{Tests}/OneDaemon.cs")
        );

        // The help tool reads the assemblies beside the module's.
        foreach (
            var name in new[] { "Containerd", "Containerd.Client", "Containerd.Host", "Containerd.Oci", "System.Management.Automation" }
        )
            File.Copy(ScaffoldCompiler.Assembly(name), Path.Combine(built, name + ".dll"));
        using var assembly = CmdletAssembly.Open(module);
        var cmdlet = Assert.Single(assembly.Cmdlets, cmdlet => cmdlet.Name == "Get-CtrSample");
        var help = new MamlWriter(DocComments.Load(built), "https://localhost/")
            .Document([(cmdlet, HelpFolder.ReadPage(Path.Combine(_root, "docs/help/Get-CtrSample.md")))])
            .ToString();
        foreach (
            var text in new[]
            {
                "one sentence that begins with a verb",
                "what the cmdlet does",
                "Get-CtrSample web",
                "Specifies … Name the unit",
            }
        )
            Assert.Contains(text, help, StringComparison.Ordinal);
        // The parameters of the base class have their texts too.
        Assert.Contains("Specifies the sessions to use", help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_exists_is_kept_and_nothing_is_written()
    {
        var page = Path.Combine(_root, "docs/help/Get-CtrWidget.md");
        File.WriteAllText(page, "mine");
        Assert.Throws<IOException>(() => NewCmdlet.Create(_root, "Get", "Widget").Write());
        Assert.Equal("mine", File.ReadAllText(page));
        Assert.False(Directory.Exists(Path.Combine(_root, Commands, "Widget")));
    }

    [Fact]
    public void Its_verbs_are_those_that_the_engine_approves()
    {
        var groups = typeof(VerbsCommon).Assembly.GetExportedTypes().Where(type => type.Name.StartsWith("Verbs", StringComparison.Ordinal));
        var approved = groups.SelectMany(type =>
            type.GetFields().Where(field => field.IsLiteral).Select(field => $"{type.Name}.{field.GetRawConstantValue()}")
        );
        Assert.Equal(
            approved.Order(StringComparer.Ordinal),
            Verbs.Approved.Select(verb => $"{verb.Value}.{verb.Key}").Order(StringComparer.Ordinal)
        );
    }

    private string Read(string path) => File.ReadAllText(Path.Combine(_root, path));

    private void Copy(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, path))!);
        File.Copy(Path.Combine(Repository.Root, path), Path.Combine(_root, path));
    }
}
