using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>The manifest names the content of the module, and the content follows the rules for modules.</summary>
public sealed class ManifestTests : IDisposable
{
    // They change something and return nothing.
    private static readonly string[] Silent =
    [
        "Disconnect-CtrRegistry",
        "Disconnect-CtrSession",
        "Dismount-CtrImage",
        "Dismount-CtrSnapshot",
        "Enter-CtrContainer",
        "Remove-CtrContainer",
        "Remove-CtrContent",
        "Remove-CtrImage",
        "Remove-CtrIngest",
        "Remove-CtrLease",
        "Remove-CtrNamespace",
        "Remove-CtrNetwork",
        "Remove-CtrSnapshot",
        "Remove-CtrVolume",
        "Show-CtrStats",
    ];

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void It_exports_every_cmdlet_and_alias_and_nothing_else()
    {
        var manifest = Manifest();
        Assert.Equal(Cmdlets().Keys.Order(StringComparer.Ordinal), Texts(manifest["CmdletsToExport"]).Order(StringComparer.Ordinal));
        var aliases = Cmdlets()
            .Values.SelectMany(type => type.GetCustomAttributes<AliasAttribute>())
            .SelectMany(alias => alias.AliasNames)
            .Order(StringComparer.Ordinal);
        Assert.Equal(aliases, Texts(manifest["AliasesToExport"]).Order(StringComparer.Ordinal));
        Assert.Equal(
            aliases,
            _engine.Require("(Get-Module Containerd).ExportedAliases.Keys").Select(name => name.ToString()).Order(StringComparer.Ordinal)
        );
        Assert.Empty(Texts(manifest["FunctionsToExport"]));
        Assert.Empty(Texts(manifest["VariablesToExport"]));
    }

    [Fact]
    public void Its_formats_and_types_are_those_in_the_module_folder()
    {
        var manifest = Manifest();
        var files = Directory.GetFiles(Repository.Module, "*.ps1xml").Select(file => Path.GetFileName(file)).ToList();
        Assert.Equal(
            files.Where(file => file.EndsWith(".Format.ps1xml", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Texts(manifest["FormatsToProcess"]).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            files.Where(file => file.EndsWith(".Types.ps1xml", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            Texts(manifest["TypesToProcess"]).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void It_is_for_the_core_edition_and_its_version_is_the_assemblies()
    {
        var manifest = Manifest();
        Assert.Equal(["Core"], Texts(manifest["CompatiblePSEditions"]));
        Assert.Equal("7.4", manifest["PowerShellVersion"]);
        Assert.Equal(
            AssemblyName.GetAssemblyName(Path.Combine(Repository.Module, "Containerd.PowerShell.dll")).Version!.ToString(3),
            manifest["ModuleVersion"]
        );
        Assert.NotEqual(Guid.Empty, Guid.Parse((string)manifest["GUID"]!));
        Assert.NotEmpty((string)manifest["Description"]!);
    }

    [Fact]
    public void It_contains_the_address_of_the_project_like_its_packages()
    {
        var facts = (Hashtable)((Hashtable)Manifest()["PrivateData"]!)["PSData"]!;
        var project = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("ProjectUri").Single().Value;
        Assert.Equal(project, facts["ProjectUri"]);
        Assert.Equal(project + "/blob/main/LICENSE", facts["LicenseUri"]);
        Assert.Equal(project + "/blob/main/CHANGELOG.md", facts["ReleaseNotes"]);
        Assert.All(Texts(facts["Tags"]), tag => Assert.DoesNotContain(' ', tag));
    }

    [Fact]
    public void The_modules_root_contains_the_cmdlets_and_the_model_and_lib_the_rest()
    {
        Assert.Equal(["Containerd.PowerShell.dll", "Containerd.dll"], Assemblies(Repository.Module));
        var library = Assemblies(Path.Combine(Repository.Module, "lib"));
        Assert.Contains("Containerd.Client.dll", library);
        Assert.Contains("Google.Protobuf.dll", library);
        Assert.DoesNotContain(library, name =>
            name.StartsWith("System.Management.Automation", StringComparison.Ordinal)
            || name is "Containerd.dll" or "Containerd.PowerShell.dll"
        );
    }

    [Fact]
    public void Every_verb_is_an_approved_one_and_every_noun_has_the_prefix()
    {
        Type[] groups =
        [
            typeof(VerbsCommon),
            typeof(VerbsCommunications),
            typeof(VerbsData),
            typeof(VerbsDiagnostic),
            typeof(VerbsLifecycle),
            typeof(VerbsSecurity),
            typeof(VerbsOther),
        ];
        var approved = groups
            .SelectMany(group => group.GetFields())
            .Select(field => (string)field.GetValue(null)!)
            .ToHashSet(StringComparer.Ordinal);
        Assert.All(Cmdlets().Keys, name =>
        {
            Assert.Contains(name.Split('-')[0], approved);
            Assert.StartsWith("Ctr", name.Split('-')[1], StringComparison.Ordinal);
            // A file bears its cmdlet's name, and so does its class.
            Assert.Equal(name.Replace("-", "", StringComparison.Ordinal) + "Command", Cmdlets()[name].Name);
        });
    }

    [Fact]
    public void Every_cmdlet_with_output_declares_its_type()
    {
        Assert.All(Cmdlets(), cmdlet =>
            Assert.Equal(Silent.Contains(cmdlet.Key), !cmdlet.Value.GetCustomAttributes<OutputTypeAttribute>().Any())
        );
    }

    [Fact]
    public void Every_cmdlet_that_changes_state_supports_ShouldProcess()
    {
        string[] asks =
        [
            "New",
            "Set",
            "Remove",
            "Clear",
            "Save",
            "Start",
            "Stop",
            "Send",
            "Import",
            "Export",
            "Mount",
            "Dismount",
            "Use",
            "Disconnect",
        ];
        Assert.All(Cmdlets(), cmdlet =>
        {
            var changes = asks.Contains(cmdlet.Key.Split('-')[0]) && cmdlet.Key is not "New-CtrSpec";
            if (changes)
                Assert.True(cmdlet.Value.GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess, cmdlet.Key);
        });
    }

    [Fact]
    public void Ids_bind_from_the_pipeline_as_texts_and_objects_by_their_type()
    {
        Assert.All(Cmdlets(), cmdlet =>
            Assert.All(
                cmdlet
                    .Value.GetProperties()
                    .Where(property => property.GetCustomAttributes<ParameterAttribute>().Any(parameter => parameter.ValueFromPipeline)),
                property =>
                {
                    var type = property.PropertyType.IsArray ? property.PropertyType.GetElementType()! : property.PropertyType;
                    // Without the attribute any object's ToString becomes an id.
                    if (property.Name == "Id" && type == typeof(string))
                        Assert.True(
                            property.GetCustomAttributes().Any(attribute => attribute.GetType().Name == "IdTransformationAttribute"),
                            $"{cmdlet.Key} -{property.Name}"
                        );
                }
            )
        );
    }

    private static string[] Assemblies(string folder) =>
        [.. Directory.GetFiles(folder, "*.dll").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    private static string[] Texts(object? value) =>
        value switch
        {
            null => [],
            string text => [text],
            _ => [.. ((IEnumerable)value).Cast<object>().Select(item => item.ToString()!)],
        };

    private Dictionary<string, Type> Cmdlets() =>
        _engine
            .Require("[Containerd.PowerShell.CtrCmdlet].Assembly.GetTypes()")
            .Select(type => (Type)type.BaseObject)
            .Where(type => !type.IsAbstract && type.GetCustomAttribute<CmdletAttribute>() is not null)
            .ToDictionary(type =>
                $"{type.GetCustomAttribute<CmdletAttribute>()!.VerbName}-{type.GetCustomAttribute<CmdletAttribute>()!.NounName}"
            );

    private Hashtable Manifest() =>
        _engine.Require<Hashtable>(
            $"& ([scriptblock]::Create([IO.File]::ReadAllText('{Path.Combine(Repository.Module, "Containerd.psd1")}')))"
        );
}
