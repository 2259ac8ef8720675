using System.Text.RegularExpressions;

namespace Containerd.Scaffold;

/// <summary>A cmdlet that does not exist yet, and the files that it needs.</summary>
internal sealed partial class NewCmdlet
{
    internal const string Marker = "TODO:";

    private const string Prefix = "Ctr";
    private readonly string _root;
    private readonly string _verb;
    private readonly string _noun;

    private NewCmdlet(string root, string verb, string noun) => (_root, _verb, _noun) = (root, verb, noun);

    /// <summary>The name, such as Get-CtrNetwork.</summary>
    internal string Name => $"{_verb}-{_noun}";

    private string ClassName => $"{_verb}{_noun}Command";

    private string CommandPath => $"{FolderOf("src/Containerd.PowerShell/Commands")}/{ClassName}.cs";

    private string HelpPath => $"docs/help/{Name}.md";

    private string TestPath => $"{FolderOf("tests/Containerd.PowerShell.Tests")}/{_verb}{_noun}Tests.cs";

    /// <summary>Checks the name.</summary>
    /// <param name="root">The folder of the repository.</param>
    /// <param name="verb">An approved verb.</param>
    /// <param name="noun">A singular noun, with or without the prefix of the module.</param>
    /// <exception cref="ArgumentException">The verb is not approved, the noun is not a word, or the cmdlet exists.</exception>
    internal static NewCmdlet Create(string root, string verb, string noun)
    {
        if (!Verbs.Approved.ContainsKey(verb))
            throw new ArgumentException($"'{verb}' is not an approved verb. 'Get-Verb' lists them; the case of the letters matters.");
        if (!Word().IsMatch(noun))
            throw new ArgumentException($"'{noun}' is not a noun in PascalCase, such as Network.");
        var cmdlet = new NewCmdlet(root, verb, noun.StartsWith(Prefix, StringComparison.Ordinal) ? noun : Prefix + noun);
        if (cmdlet._noun == Prefix)
            throw new ArgumentException($"'{noun}' is only the prefix of a noun.");
        var commands = Path.Combine(root, "src/Containerd.PowerShell/Commands");
        if (Directory.EnumerateFiles(commands, cmdlet.ClassName + ".cs", SearchOption.AllDirectories).Any())
            throw new ArgumentException($"{cmdlet.Name} exists.");
        return cmdlet;
    }

    /// <summary>Writes the files; nothing is written if one of them exists.</summary>
    /// <returns>Their paths in the repository.</returns>
    internal IReadOnlyList<string> Write()
    {
        var files = new Dictionary<string, string>
        {
            [CommandPath] = Command(),
            [HelpPath] = Help(),
            [TestPath] = Test(),
        };
        foreach (var path in files.Keys.Where(path => File.Exists(Path.Combine(_root, path))))
            throw new IOException($"{path} exists.");
        files["README.md"] = Insert("README.md", LastCommand(), $"| {Marker} where {Name} belongs | `{Name}` |\n");
        var change = $"- {Marker} what `{Name}` does for the user.\n";
        // After a release, nothing has been added yet.
        files["CHANGELOG.md"] = AddedHeading().IsMatch(File.ReadAllText(Path.Combine(_root, "CHANGELOG.md")))
            ? Insert("CHANGELOG.md", AddedHeading(), change)
            : Insert("CHANGELOG.md", Unreleased(), $"\n### Added\n\n{change}");
        files["docs/cheatsheet.md"] = Append("docs/cheatsheet.md", $"\n{Marker} an example of `{Name}`, in the table where it belongs.\n");
        foreach (var (path, text) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, path))!);
            File.WriteAllText(Path.Combine(_root, path), text);
        }

        return [.. files.Keys];
    }

    // Get-CtrLeaseResource belongs to the folder Lease.
    private string FolderOf(string parent)
    {
        var word = _noun[Prefix.Length..];
        var known = Directory
            .EnumerateDirectories(Path.Combine(_root, parent))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => word.StartsWith(name, StringComparison.Ordinal))
            .MaxBy(name => name.Length);
        return $"{parent}/{known ?? word}";
    }

    private string Insert(string path, Regex place, string line)
    {
        var text = File.ReadAllText(Path.Combine(_root, path));
        return place.Match(text) is { Success: true } match
            ? text.Insert(match.Index + match.Length, line)
            : throw new InvalidDataException($"{path} has no place for a new cmdlet.");
    }

    private string Append(string path, string line) => File.ReadAllText(Path.Combine(_root, path)).TrimEnd('\n') + "\n" + line;

    private string Command()
    {
        var changes = Verbs.ChangesState(_verb);
        var ask = changes ? $"\n                if (ShouldProcess($\"{{id}} ({{ns.Namespace}})\", \"{_verb}\"))\n    " : "\n";
        return $$"""
            using System.Management.Automation;

            namespace Containerd.PowerShell;

            /// <summary>{{Marker}} what it does, in a sentence that begins with a verb in the third person.</summary>
            [Cmdlet({{Verbs.Approved[_verb]}}.{{_verb}}, "{{_noun}}"{{(changes ? ", SupportsShouldProcess = true" : "")}})]
            [OutputType(typeof(string))]
            public sealed class {{ClassName}} : SessionCmdlet
            {
                /// <summary>{{Marker}} Specifies … Name the unit, the default and the effect.</summary>
                [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
                [ValidateNotNullOrEmpty]
                public string[] Name { get; set; } = [];

                protected override void ProcessRecord()
                {
                    foreach (var id in Name)
                    {
                        TryPerSession(id, () =>
                        {
                            // {{Marker}} call one method of the client, and write its result. The type of the output is in the model.
                            var ns = Resolve();{{ask}}                WriteObject($"{ns.Namespace}: {id}");
                        });
                    }
                }
            }

            """;
    }

    private string Help() =>
        $"""
            # {Name}

            {Marker} one sentence that begins with a verb in the third person.

            ## Description

            {Marker} what the cmdlet does, what it returns, and its errors.

            ## Examples

            ### {Marker} what the example does

            ```powershell
            {Name} web
            ```

            """;

    private string Test() =>
        $$"""
            using Containerd.Testing;

            namespace Containerd.PowerShell.Tests.{{Path.GetFileName(Path.GetDirectoryName(TestPath))}};

            /// <summary>{{Name}}, on a daemon.</summary>
            public sealed class {{_verb}}{{_noun}}Tests(OneDaemon fixture) : IClassFixture<OneDaemon>, IDisposable
            {
                private readonly Engine _engine = new();

                public void Dispose() => _engine.Dispose();

                // {{Marker}} what it does, each of its errors, and what it leaves behind. The names of tests are sentences.
                [Fact]
                public void It_works()
                {
                    _engine.Require($"$null = Connect-CtrSession {fixture.Daemon.Address}");
                    Assert.NotEmpty(_engine.Require("{{Name}} web"));
                }
            }

            """;

    [GeneratedRegex(@"^[A-Z][a-z0-9]+([A-Z][A-Za-z0-9]*)*$")]
    private static partial Regex Word();

    // The table of commands ends at an empty line.
    [GeneratedRegex(@"^\| For \| Cmdlets \|\n(\|[^\n]*\n)+", RegexOptions.Multiline)]
    private static partial Regex LastCommand();

    [GeneratedRegex(@"^## \[Unreleased\]\n", RegexOptions.Multiline)]
    private static partial Regex Unreleased();

    [GeneratedRegex(@"^## \[Unreleased\]\n(?:(?!## ).*\n)*?### Added\n\n", RegexOptions.Multiline)]
    private static partial Regex AddedHeading();
}
