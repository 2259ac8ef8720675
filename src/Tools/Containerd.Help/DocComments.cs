using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Containerd.Help;

/// <summary>The doc comments of an assembly from the compiler's XML file, as plain text.</summary>
internal sealed partial class DocComments
{
    private readonly Dictionary<string, string> _summaries;

    private DocComments(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <summary>Those of all assemblies in a folder.</summary>
    public static DocComments Load(string folder)
    {
        var members = Directory
            .EnumerateFiles(folder, "Containerd*.xml")
            .SelectMany(path => XDocument.Load(path).Descendants("member"))
            // Generated code appears in several assemblies.
            .DistinctBy(member => member.Attribute("name")!.Value)
            .ToDictionary(member => member.Attribute("name")!.Value);
        var summaries = new Dictionary<string, string>();
        foreach (var (name, member) in members)
        {
            // A comment can be that of another member, for a parameter that several cmdlets have.
            var origin = member.Element("inheritdoc")?.Attribute("cref")?.Value is { } other ? members.GetValueOrDefault(other) : member;
            if (origin?.Element("summary") is { } summary)
                summaries.Add(name, Plain(summary));
        }

        return new DocComments(summaries);
    }

    public string? Of(Type type) => Of(type.FullName!);

    /// <param name="type">A type's full name; an array's is that of its elements.</param>
    public string? Of(string type) => _summaries.GetValueOrDefault("T:" + type.Replace("[]", "", StringComparison.Ordinal));

    /// <summary>The property's own comment, else that of the property which it overrides or implements.</summary>
    public string? Of(PropertyInfo property)
    {
        for (var type = property.DeclaringType; type is not null; type = type.BaseType)
        {
            if (_summaries.TryGetValue($"P:{type.FullName}.{property.Name}", out var text))
                return text;
        }

        return property
            .DeclaringType!.GetInterfaces()
            .Select(type => _summaries.GetValueOrDefault($"P:{type.FullName}.{property.Name}"))
            .FirstOrDefault(text => text is not null);
    }

    private static string Plain(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.DescendantNodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (
                node is XElement { IsEmpty: true } reference
                && (reference.Attribute("cref") ?? reference.Attribute("langword") ?? reference.Attribute("name")) is { } name
            )
                text.Append(name.Value[(name.Value.LastIndexOfAny(['.', ':']) + 1)..]);
        }

        return Space().Replace(text.ToString(), " ").Trim();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
