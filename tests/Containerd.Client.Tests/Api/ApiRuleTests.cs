using System.Reflection;
using System.Runtime.CompilerServices;

namespace Containerd.Client.Tests.Api;

/// <summary>The rules of the public API, looked for in every exported type of the libraries.</summary>
public sealed class ApiRuleTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // The two outputs of one process: sinks of one kind, which belong together.
    private static readonly string[] DelegatePairs = ["ProcessIo"];

    // Filled step by step by their callers.
    private static readonly string[] ChangeableOptions = ["CtrDaemonOptions"];

    private static IEnumerable<Type> Types { get; } = [.. ApiTypes.Names.SelectMany(library => ApiTypes.Load(library).GetExportedTypes())];

    [Fact]
    public void No_member_has_a_tuple_or_a_type_of_protobuf_or_grpc()
    {
        var found = Signatures().Where(s => Parts(s.Type).Any(IsForeign)).Select(s => s.Member).Distinct();
        Assert.Empty(found);

        static bool IsForeign(Type type) =>
            type.FullName is { } name
            && (
                name.StartsWith("System.ValueTuple", StringComparison.Ordinal)
                || name.StartsWith("System.Tuple", StringComparison.Ordinal)
                || name.StartsWith("Google.", StringComparison.Ordinal)
                || name.StartsWith("Grpc.", StringComparison.Ordinal)
                || name.StartsWith("Containerd.Client.Wire.", StringComparison.Ordinal)
            );
    }

    [Fact]
    public void No_static_member_makes_an_exception()
    {
        var made = Types
            .SelectMany(type => type.GetMethods(Declared))
            .Where(method => method.IsStatic && typeof(Exception).IsAssignableFrom(method.ReturnType));
        Assert.Empty(made.Select(Name));
    }

    [Fact]
    public void No_type_and_no_parameter_list_is_a_bag_of_delegates()
    {
        var types = Types
            .Where(type => !DelegatePairs.Contains(type.Name))
            .Where(type => type.GetProperties(Declared).Count(property => IsDelegate(property.PropertyType)) > 1)
            .Select(type => type.Name);
        var methods = Types
            .Where(type => !IsDelegate(type))
            .SelectMany(type => type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors()))
            .Where(method => method.GetParameters().Count(parameter => IsDelegate(parameter.ParameterType)) > 1)
            .Select(Name);
        Assert.Empty(types.Concat(methods));
    }

    [Fact]
    public void Every_asynchronous_method_ends_in_a_cancellation_token()
    {
        var methods = Types
            .Where(type => !IsDelegate(type) && !typeof(Stream).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods(Declared))
            .Where(method =>
                !method.IsSpecialName && method.Name != nameof(IAsyncDisposable.DisposeAsync) && IsAsynchronous(method.ReturnType)
            )
            .ToList();
        Assert.True(methods.Count > 100, $"Only {methods.Count} methods were found.");
        Assert.Empty(
            methods
                .Where(method =>
                    method.GetParameters() is not [.., { Name: "cancellationToken", IsOptional: true } last]
                    || last.ParameterType != typeof(CancellationToken)
                )
                .Select(Name)
        );
        Assert.Empty(methods.Where(method => !method.Name.EndsWith("Async", StringComparison.Ordinal)).Select(Name));
    }

    [Fact]
    public void Options_are_records_whose_properties_are_set_once()
    {
        var options = Types.Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal)).ToList();
        Assert.True(options.Count > 12, $"Only {options.Count} types were found.");
        Assert.Empty(options.Where(type => type.GetMethod("<Clone>$") is null).Select(type => type.Name));
        Assert.Empty(
            options
                .Where(type => !ChangeableOptions.Contains(type.Name))
                .SelectMany(type => type.GetProperties(Declared))
                .Where(property => property.SetMethod is { IsPublic: true } setter && !IsInit(setter))
                .Select(property => $"{property.DeclaringType!.Name}.{property.Name}")
        );

        static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
    }

    [Fact]
    public void What_describes_an_operation_has_the_suffix_Options()
    {
        // A filter selects, and the streams of a process are not a choice.
        string[] others = ["EventFilter", "StoreFilter", "ProcessIo", "HostFacts"];
        var inputs = Types
            .Where(type => !IsDelegate(type))
            .SelectMany(type => type.GetMethods(Declared))
            .Where(method => !method.IsSpecialName && method.Name != nameof(Equals))
            .SelectMany(method => method.GetParameters())
            .Select(parameter => parameter.ParameterType)
            .Where(type => Types.Contains(type) && type.Namespace != "Containerd" && type.GetConstructor([]) is not null)
            .Where(type => type.GetProperties(Declared).Any(property => property.SetMethod is { IsPublic: true }))
            .Select(type => type.Name)
            .Distinct()
            .Except(others);
        Assert.DoesNotContain(inputs, name => !name.EndsWith("Options", StringComparison.Ordinal));
    }

    [Fact]
    public void Stores_create_get_list_update_and_remove()
    {
        var stores = Types.Where(type => type.Name.EndsWith("Store", StringComparison.Ordinal)).ToList();
        Assert.Equal(6, stores.Count);
        string[] synonyms = ["New", "Begin", "Make", "Delete", "Destroy", "Info", "Stat", "Tell", "Fetch", "RemoveUnused"];
        Assert.Empty(
            stores
                .SelectMany(type => type.GetMethods(Declared))
                .Where(method => synonyms.Any(word => method.Name.StartsWith(word, StringComparison.Ordinal)))
                .Select(Name)
        );
    }

    [Fact]
    public void A_type_whose_disposal_waits_is_disposed_of_asynchronously() =>
        Assert.Empty(
            Types
                .Where(type => type.GetMethod(nameof(IAsyncDisposable.DisposeAsync)) is not null)
                .Where(type => !typeof(IAsyncDisposable).IsAssignableFrom(type))
                .Select(type => type.Name)
        );

    private static bool IsAsynchronous(Type type) =>
        typeof(Task).IsAssignableFrom(type)
        || type == typeof(ValueTask)
        || (
            type.IsGenericType
            && (type.GetGenericTypeDefinition() == typeof(ValueTask<>) || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
        );

    private static bool IsDelegate(Type type) => typeof(Delegate).IsAssignableFrom(type);

    private static string Name(MethodBase method) => $"{method.DeclaringType!.Name}.{method.Name}";

    /// <summary>Each type in a public signature, with the member that has it.</summary>
    private static IEnumerable<(string Member, Type Type)> Signatures() =>
        from type in Types
        from member in type.GetMembers(Declared)
        from used in member switch
        {
            MethodInfo method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType),
            ConstructorInfo constructor => constructor.GetParameters().Select(p => p.ParameterType),
            PropertyInfo property => [property.PropertyType],
            FieldInfo field => [field.FieldType],
            _ => [],
        }
        select ($"{type.Name}.{member.Name}", used);

    /// <summary>A type, and the types that it is made of.</summary>
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type)
        : [type];
}
