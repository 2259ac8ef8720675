using System.Globalization;
using System.Xml.Linq;

namespace Containerd.ModuleFiles;

/// <summary>
/// The module's type data: how deep an object is serialized for a job or a remote session, what a list without a view shows
/// (DefaultDisplayPropertySet), what distinguishes objects (DefaultKeyPropertySet), what represents an object (DefaultDisplayProperty).
/// </summary>
internal static class TypeData
{
    public static XDocument Of(ModuleAssemblies assemblies) =>
        new(
            new XComment(" The build writes this file from the attributes of the model. "),
            new XElement(
                "Types",
                // The converters see how a number was typed, so that 7d is seven days.
                assemblies.Converters.Select(pair =>
                    Type(pair.Type, new XElement("TypeConverter", new XElement("TypeName", pair.Converter)))
                ),
                assemblies.Model.Where(type => type.Depth is not null).Select(Type),
                // A number would not be equal to the word that a script compares it with.
                assemblies.Enumerations.Select(name => Type(name, new XElement("Members", Standard(Note("SerializationMethod", "String")))))
            )
        );

    private static XElement Type(ModelType type) =>
        Type(
            type.FullName,
            new XElement(
                "Members",
                // Commands for files, such as Get-Content, bind this property.
                type.Properties.Where(property => ModelType.Has(property, "LocalPathAttribute"))
                    .Select(property => new XElement(
                        "AliasProperty",
                        new XElement("Name", "PSPath"),
                        new XElement("ReferencedMemberName", property.Name)
                    )),
                Standard(
                    Set("DefaultDisplayPropertySet", type.Shown),
                    Set("DefaultKeyPropertySet", type.Key),
                    type.Word is null ? null : Note("DefaultDisplayProperty", type.Word),
                    Note("SerializationDepth", type.Depth!.Value.ToString(CultureInfo.InvariantCulture))
                )
            )
        );

    private static XElement Type(string name, XElement content) => new("Type", new XElement("Name", name), content);

    private static XElement Standard(params XElement?[] members) =>
        new("MemberSet", new XElement("Name", "PSStandardMembers"), new XElement("Members", members.OfType<XElement>()));

    private static XElement? Set(string name, string[] properties) =>
        properties.Length == 0
            ? null
            : new XElement(
                "PropertySet",
                new XElement("Name", name),
                new XElement("ReferencedProperties", properties.Select(property => new XElement("Name", property)))
            );

    private static XElement Note(string name, string value) =>
        new("NoteProperty", new XElement("Name", name), new XElement("Value", value));
}
