using System.Reflection;

namespace Containerd.Help;

/// <summary>The declarations in the attributes of a cmdlet's class.</summary>
internal sealed class CmdletFacts
{
    private const string AllSets = "__AllParameterSets";

    private readonly List<ParameterUse> _uses;

    public CmdletFacts(Type type)
    {
        Type = type;
        var cmdlet = Attribute(type, "CmdletAttribute")!;
        Verb = (string)cmdlet.ConstructorArguments[0].Value!;
        Noun = (string)cmdlet.ConstructorArguments[1].Value!;
        Outputs =
        [
            .. type.GetCustomAttributesData()
                .Where(attribute => attribute.AttributeType.Name == "OutputTypeAttribute")
                .SelectMany(OutputTypes)
                .Distinct(),
        ];

        var all = Properties(type).SelectMany(property => Uses(property)).ToList();
        if (Named<bool>(cmdlet, "SupportsShouldProcess"))
        {
            all.Add(new ParameterUse(new ParameterFacts("Confirm", "switch", ["cf"], null) { Default = "False" }, AllSets));
            all.Add(new ParameterUse(new ParameterFacts("WhatIf", "switch", ["wi"], null) { Default = "False" }, AllSets));
        }

        // Parameters that only the pipeline binds are not typed, and neither are sets that require them.
        var hidden = all.Where(use => use is { Hidden: true, Mandatory: true }).Select(use => use.Set).ToHashSet();
        all.RemoveAll(use => use.Hidden || hidden.Contains(use.Set));
        Parameters =
        [
            .. all.Select(use => use.Parameter)
                .DistinctBy(parameter => parameter.Name)
                .OrderBy(parameter => parameter.Name, StringComparer.Ordinal),
        ];
        _uses = all;
        var first = Named<string>(cmdlet, "DefaultParameterSetName");
        var named = all.Select(use => use.Set).Where(set => set != AllSets).ToList();
        // The default set may have no parameters of its own.
        if (first is not null && named.Count > 0)
            named.Add(first);
        var sets = named.Distinct().Order(StringComparer.Ordinal).OrderBy(set => set == first ? 0 : 1).DefaultIfEmpty(AllSets);
        ParameterSets = [.. sets.Select(set => In(set).OrderBy(Rank).ToList())];
    }

    public Type Type { get; }

    public string Verb { get; }

    public string Noun { get; }

    public string Name => $"{Verb}-{Noun}";

    public IReadOnlyList<string> Outputs { get; }

    /// <summary>By name, including -WhatIf and -Confirm.</summary>
    public IReadOnlyList<ParameterFacts> Parameters { get; }

    /// <summary>In the order in which users type them: positional parameters, then mandatory ones, then the rest.</summary>
    public IReadOnlyList<IReadOnlyList<ParameterUse>> ParameterSets { get; }

    public static bool Declares(Type type) => Attribute(type, "CmdletAttribute") is not null;

    /// <summary>The use of a parameter in its most specific set.</summary>
    public ParameterUse Use(ParameterFacts parameter) => _uses.Where(use => use.Parameter.Name == parameter.Name).OrderBy(Rank).First();

    private static int Rank(ParameterUse use) => use.Position ?? (use.Mandatory ? 1000 : 2000);

    private IEnumerable<ParameterUse> In(string set) =>
        _uses
            .Where(use => use.Set == set || use.Set == AllSets)
            // A declaration for the set takes precedence over one for all sets.
            .OrderBy(use => use.Set == AllSets ? 1 : 0)
            .DistinctBy(use => use.Parameter.Name);

    private static IEnumerable<PropertyInfo> Properties(Type type)
    {
        var seen = new HashSet<string>();
        for (var at = type; at is not null; at = at.BaseType)
        {
            foreach (var property in at.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly))
            {
                if (seen.Add(property.Name))
                    yield return property;
            }
        }
    }

    private static IEnumerable<ParameterUse> Uses(PropertyInfo property)
    {
        var declared = property.GetCustomAttributesData().Where(attribute => attribute.AttributeType.Name == "ParameterAttribute").ToList();
        if (declared.Count == 0)
            yield break;
        var aliases = Attribute(property, "AliasAttribute") is { } alias
            ? ((IEnumerable<CustomAttributeTypedArgument>)alias.ConstructorArguments[0].Value!)
                .Select(name => (string)name.Value!)
                .ToArray()
            : [];
        var facts = new ParameterFacts(property.Name, TypeName(property.PropertyType), aliases, property)
        {
            Globbing = Attribute(property, "SupportsWildcardsAttribute") is not null,
            Values = Values(property.PropertyType),
            Default =
                property.PropertyType.Name == "SwitchParameter" ? "False"
                : Attribute(property, "PSDefaultValueAttribute") is { } given ? Named<string>(given, "Help")
                : null,
        };
        foreach (var attribute in declared)
        {
            yield return new ParameterUse(facts, Named<string>(attribute, "ParameterSetName") ?? AllSets)
            {
                Mandatory = Named<bool>(attribute, "Mandatory"),
                Hidden = Named<bool>(attribute, "DontShow"),
                Position = attribute
                    .NamedArguments.Where(argument => argument.MemberName == "Position")
                    .Select(argument => (int?)argument.TypedValue.Value)
                    .FirstOrDefault(position => position >= 0),
                ByValue = Named<bool>(attribute, "ValueFromPipeline"),
                ByName = Named<bool>(attribute, "ValueFromPipelineByPropertyName"),
                Rest = Named<bool>(attribute, "ValueFromRemainingArguments"),
            };
        }
    }

    private static IReadOnlyList<string> Values(Type type)
    {
        var element =
            type.IsArray ? type.GetElementType()!
            : type.IsGenericType ? type.GenericTypeArguments[0]
            : type;
        return element.IsEnum ? [.. element.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.Name)] : [];
    }

    private static IEnumerable<string> OutputTypes(CustomAttributeData attribute) =>
        attribute
            .ConstructorArguments.SelectMany(argument =>
                argument.Value is IEnumerable<CustomAttributeTypedArgument> many ? many : [argument]
            )
            .Select(argument => argument.Value is Type type ? type.FullName! : argument.Value as string)
            .OfType<string>();

    private static string TypeName(Type type)
    {
        if (type.IsArray)
            return TypeName(type.GetElementType()!) + "[]";
        if (type.IsGenericType && type.Name == "Nullable`1")
            return TypeName(type.GenericTypeArguments[0]);
        return type.FullName switch
        {
            "System.String" => "string",
            "System.Int32" => "int",
            "System.UInt32" => "uint",
            "System.Int64" => "long",
            "System.UInt64" => "ulong",
            "System.Boolean" => "bool",
            "System.Double" => "double",
            "System.Object" => "object",
            "System.Byte" => "byte",
            "System.Management.Automation.SwitchParameter" => "switch",
            "System.Collections.IDictionary" => "hashtable",
            _ => type.Name,
        };
    }

    private static CustomAttributeData? Attribute(MemberInfo member, string name) =>
        member.GetCustomAttributesData().FirstOrDefault(attribute => attribute.AttributeType.Name == name);

    private static T? Named<T>(CustomAttributeData attribute, string name) =>
        attribute
            .NamedArguments.Where(argument => argument.MemberName == name)
            .Select(argument => (T?)argument.TypedValue.Value)
            .FirstOrDefault();
}

/// <summary>A parameter, independent of sets.</summary>
internal sealed record ParameterFacts(string Name, string TypeName, IReadOnlyList<string> Aliases, PropertyInfo? Property)
{
    public bool Globbing { get; init; }

    /// <summary>Its default value; null if there is none, or it cannot be expressed in a word.</summary>
    public string? Default { get; init; }

    /// <summary>The names of an enum; empty for any other type.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];
}

/// <summary>A parameter in one parameter set.</summary>
internal sealed record ParameterUse(ParameterFacts Parameter, string Set)
{
    public bool Mandatory { get; init; }

    /// <summary>It is not for users.</summary>
    public bool Hidden { get; init; }

    public int? Position { get; init; }

    public bool ByValue { get; init; }

    public bool ByName { get; init; }

    /// <summary>It takes all remaining arguments.</summary>
    public bool Rest { get; init; }
}
