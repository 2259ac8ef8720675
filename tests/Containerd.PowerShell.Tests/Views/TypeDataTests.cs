using System.Management.Automation;
using System.Reflection;
using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>The type data that the build writes from the attributes of the model.</summary>
public sealed class TypeDataTests : IDisposable
{
    private static readonly Dictionary<string, XElement> Written = XDocument
        .Load(Path.Combine(Repository.Module, "Containerd.Types.ps1xml"))
        .Root!.Elements("Type")
        .ToDictionary(type => type.Element("Name")!.Value);

    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void Every_type_that_a_cmdlet_returns_has_a_summary_and_a_depth()
    {
        var returned = _engine
            .Require("[Containerd.PowerShell.CtrCmdlet].Assembly.GetTypes()")
            .Select(type => (Type)type.BaseObject)
            .SelectMany(type => type.GetCustomAttributes<OutputTypeAttribute>(inherit: false))
            .SelectMany(output => output.Type)
            .Select(output => output.Name.TrimEnd('[', ']'))
            .Where(name => name.StartsWith("Containerd.", StringComparison.Ordinal))
            .ToHashSet();
        Assert.Contains("Containerd.CtrContainer", returned);
        // A tree has its own view.
        returned.Remove("Containerd.CtrTree");
        Assert.DoesNotContain(returned, name =>
            Member(name, "DefaultDisplayPropertySet") is null || Member(name, "SerializationDepth") is null
        );
    }

    [Fact]
    public void Every_enumeration_of_the_model_is_serialized_as_its_word()
    {
        var names = typeof(CtrSession).Assembly.GetExportedTypes().Where(type => type.IsEnum).Select(type => type.FullName!).ToList();
        Assert.Contains("Containerd.CtrStatus", names);
        Assert.DoesNotContain(names, name => Member(name, "SerializationMethod")?.Element("Value")?.Value != "String");
    }

    [Theory]
    [InlineData("CtrDuration")]
    [InlineData("CtrKeyValues")]
    [InlineData("CtrMoment")]
    [InlineData("CtrSize")]
    public void A_value_has_its_converter(string type) =>
        Assert.Equal($"Containerd.PowerShell.{type}Converter", Written[$"Containerd.{type}"].Descendants("TypeName").Single().Value);

    [Fact]
    public void A_copied_item_has_the_path_that_commands_for_files_bind() =>
        Assert.Equal("/tmp/x", _engine.Require<string>("([Containerd.CtrCopiedItem]@{ HostPath = '/tmp/x' }).PSPath"));

    private static XElement? Member(string type, string name) =>
        Written.GetValueOrDefault(type)?.Descendants("Name").SingleOrDefault(element => element.Value == name)?.Parent;
}
