using System.Reflection;
using System.Runtime.InteropServices;

namespace Containerd.ModuleFiles;

/// <summary>The assemblies of the model and of the cmdlets, read without running any of their code.</summary>
internal sealed class ModuleAssemblies : IDisposable
{
    private readonly MetadataLoadContext _context;

    private ModuleAssemblies(MetadataLoadContext context, Assembly model, Assembly module)
    {
        _context = context;
        var types = model.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).ToList();
        Model = [.. types.Where(type => type is { IsClass: true, IsAbstract: false }).Select(type => new ModelType(type))];
        Enumerations = [.. types.Where(type => type.IsEnum).Select(type => type.FullName!)];

        var own = module.GetTypes().Where(type => !type.IsAbstract).ToList();
        Converters =
        [
            .. own.Where(type => type.Name.EndsWith("Converter", StringComparison.Ordinal))
                .Select(type => (Type: $"{model.GetName().Name}.{type.Name[..^"Converter".Length]}", Converter: type.FullName!))
                .Where(pair => types.Exists(type => type.FullName == pair.Type))
                .OrderBy(pair => pair.Type, StringComparer.Ordinal),
        ];
        var cmdlets = own.Select(type => (Type: type, Attribute: ModelType.Find(type.GetCustomAttributesData(), "CmdletAttribute")))
            .Where(pair => pair.Attribute is not null)
            .ToList();
        Cmdlets =
        [
            .. cmdlets
                .Select(pair => $"{pair.Attribute!.ConstructorArguments[0].Value}-{pair.Attribute.ConstructorArguments[1].Value}")
                .Order(StringComparer.Ordinal),
        ];
        Aliases =
        [
            .. cmdlets
                .Select(pair => ModelType.Find(pair.Type.GetCustomAttributesData(), "AliasAttribute"))
                .OfType<CustomAttributeData>()
                .SelectMany(alias => ModelType.Texts(alias.ConstructorArguments[0]))
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The classes of the model.</summary>
    public IReadOnlyList<ModelType> Model { get; }

    /// <summary>The names of the model's enumerations.</summary>
    public IReadOnlyList<string> Enumerations { get; }

    /// <summary>The types that have a converter: a class of the module with the type's name and Converter.</summary>
    public IReadOnlyList<(string Type, string Converter)> Converters { get; }

    /// <summary>The names of the cmdlets.</summary>
    public IReadOnlyList<string> Cmdlets { get; }

    /// <summary>The aliases of the cmdlets.</summary>
    public IReadOnlyList<string> Aliases { get; }

    public static ModuleAssemblies Open(string module)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(module))!;
        var runtime = Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll");
        var files = Directory.EnumerateFiles(folder, "*.dll").Concat(runtime).DistinctBy(Path.GetFileName);
        var context = new MetadataLoadContext(new PathAssemblyResolver(files));
        return new ModuleAssemblies(
            context,
            context.LoadFromAssemblyPath(Path.Combine(folder, "Containerd.dll")),
            context.LoadFromAssemblyPath(Path.GetFullPath(module))
        );
    }

    public void Dispose() => _context.Dispose();
}
