using System.Reflection;
using System.Xml.Linq;

namespace Containerd.ModuleFiles;

/// <summary>
/// The views of the types that have no view written by hand: their properties in their order, as the engine itself would show them, with
/// visible control characters. A type whose properties are all numbers needs none.
/// </summary>
internal static class PartViews
{
    // As the engine: a table for a type of few properties, a list for the others, and in a table only the first ones.
    private const int MostInTableByDefault = 4;
    private const int MostColumns = 6;

    public static XDocument Of(IEnumerable<ModelType> types) =>
        new(
            new XComment(" The build writes this file: the views of the types that have no other view. "),
            new XElement("Configuration", new XElement("ViewDefinitions", types.Where(NeedsView).SelectMany(Views)))
        );

    private static bool NeedsView(ModelType type) =>
        !type.IsDerived && Shown(type) is { Count: > 0 } shown && shown.Exists(property => !IsNumber(property.PropertyType));

    private static IEnumerable<XElement> Views(ModelType type)
    {
        var list = View(
            type,
            "List",
            new XElement(
                "ListControl",
                new XElement("ListEntries", new XElement("ListEntry", new XElement("ListItems", Shown(type).Select(Item))))
            )
        );
        var columns = Shown(type).Take(MostColumns).ToList();
        var table = View(
            type,
            "Table",
            new XElement(
                "TableControl",
                new XElement(
                    "TableHeaders",
                    columns.Select(column => new XElement("TableColumnHeader", new XElement("Label", Heading(column))))
                ),
                new XElement(
                    "TableRowEntries",
                    new XElement(
                        "TableRowEntry",
                        new XElement("TableColumnItems", columns.Select(column => new XElement("TableColumnItem", Cell(column))))
                    )
                )
            )
        );
        // The engine shows the first one.
        if (Shown(type).Count > MostInTableByDefault)
            (list, table) = (table, list);
        yield return table;
        yield return list;
        if (type.Word is { } word)
        {
            yield return View(
                type,
                "Wide",
                new XElement(
                    "WideControl",
                    new XElement("WideEntries", new XElement("WideEntry", new XElement("WideItem", Script($"Line($_.{word})"))))
                )
            );
        }
    }

    private static XElement View(ModelType type, string kind, XElement control) =>
        new(
            "View",
            new XElement("Name", $"{type.FullName}.{kind}"),
            new XElement("ViewSelectedBy", new XElement("TypeName", type.FullName)),
            control
        );

    private static XElement Item(PropertyInfo property) =>
        Value(property, "Text", "Bytes") is { Name.LocalName: "ScriptBlock" } script
            ? new XElement("ListItem", new XElement("Label", property.Name), script)
            : new XElement("ListItem", new XElement("PropertyName", property.Name));

    private static XElement Cell(PropertyInfo property) => Value(property, "Line", "Size");

    private static XElement Value(PropertyInfo property, string text, string bytes) =>
        ModelType.Has(property, "BytesAttribute") ? Script($"{bytes}($_.{property.Name})")
        : Scalar(property.PropertyType).FullName is "System.DateTime" or "System.DateTimeOffset" ? Script($"Time($_.{property.Name})")
        : IsNumber(property.PropertyType) ? new XElement("PropertyName", property.Name)
        // The comma keeps a collection together.
        : Script($"{text}($_.{property.Name})", ", ");

    private static string Heading(PropertyInfo property) =>
        ModelType.Find(property.GetCustomAttributesData(), "HeadingAttribute") is { } heading
            ? (string)heading.ConstructorArguments[0].Value!
            : property.Name;

    private static XElement Script(string call, string prefix = "") =>
        new("ScriptBlock", $"{prefix}[Containerd.PowerShell.ViewText]::{call}");

    private static List<PropertyInfo> Shown(ModelType type) => [.. type.Properties.Where(property => property.CanWrite)];

    private static bool IsNumber(Type type) =>
        type.IsArray
            ? type.GetElementType()!.IsPrimitive
            : Scalar(type) is { IsPrimitive: true } || Scalar(type).FullName == "System.TimeSpan";

    private static Type Scalar(Type type) =>
        type is { IsGenericType: true } && type.GetGenericTypeDefinition().FullName == "System.Nullable`1"
            ? type.GetGenericArguments()[0]
            : type;
}
