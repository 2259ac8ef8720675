using System.Reflection;

namespace Containerd.ModuleFiles;

/// <summary>A class of the model, with what its attributes say.</summary>
internal sealed class ModelType
{
    public ModelType(Type type)
    {
        FullName = type.FullName!;
        Properties = [.. Declared(type)];
        IsDerived = type.BaseType is { IsAbstract: false, FullName: not "System.Object" };
        if (Find(type.GetCustomAttributesData(), "PipelineObjectAttribute") is not { } attribute)
            return;
        var named = attribute.NamedArguments.ToDictionary(argument => argument.MemberName, argument => argument.TypedValue);
        Shown = [.. Texts(attribute.ConstructorArguments[0])];
        Key = named.TryGetValue("Key", out var key) ? [.. Texts(key)] : [.. Shown.Take(1)];
        Word =
            named.TryGetValue("Word", out var word) ? (string)word.Value!
            : Key.Length > 0 ? Key[0]
            : null;
        Depth = named.TryGetValue("Depth", out var depth) ? (int)depth.Value! : 3;
        foreach (
            var name in Shown.Concat(Key).Append(Word).OfType<string>().Where(name => !Properties.Any(property => property.Name == name))
        )
            throw new InvalidDataException($"{FullName} has no property {name}.");
    }

    public string FullName { get; }

    /// <summary>Whether it is derived from a class of objects, which has a view.</summary>
    public bool IsDerived { get; }

    /// <summary>The properties, its own first, in the order of the sources.</summary>
    public IReadOnlyList<PropertyInfo> Properties { get; }

    public string[] Shown { get; } = [];

    public string[] Key { get; } = [];

    public string? Word { get; }

    /// <summary>How many levels are serialized; null for the default of the engine.</summary>
    public int? Depth { get; }

    public static CustomAttributeData? Find(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(attribute => attribute.AttributeType.Name == name);

    public static bool Has(PropertyInfo property, string attribute) => Find(property.GetCustomAttributesData(), attribute) is not null;

    public static IEnumerable<string> Texts(CustomAttributeTypedArgument argument) =>
        ((IEnumerable<CustomAttributeTypedArgument>)argument.Value!).Select(item => (string)item.Value!);

    private static IEnumerable<PropertyInfo> Declared(Type? type)
    {
        for (; type is not null && type.FullName != "System.Object"; type = type.BaseType)
        {
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                yield return property;
        }
    }
}
