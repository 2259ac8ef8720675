using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>
/// Import-Module loads the cmdlet classes before the client is loaded, which lies in a load context of its own. The runtime lays out the
/// fields of a class when it loads it: a field that is a structure of the
/// client, or a generic structure over a type of the client such as a tuple, needs the client at that moment, and the module cannot be
/// imported.
/// </summary>
public sealed class FieldTests
{
    [Fact]
    public void No_class_of_the_module_has_a_field_whose_layout_requires_the_client()
    {
        using var stream = File.OpenRead(Path.Combine(Repository.Module, "Containerd.PowerShell.dll"));
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        var found = new List<string>();
        var fields = 0;
        foreach (var handle in metadata.FieldDefinitions)
        {
            var field = metadata.GetFieldDefinition(handle);
            var type = metadata.GetTypeDefinition(field.GetDeclaringType());
            // Closures and state machines are loaded when their method runs.
            if (field.Attributes.HasFlag(FieldAttributes.Literal) || !IsCmdlet(metadata, type))
                continue;
            fields++;
            if (field.DecodeSignature(new LayoutReader(), null).NeedsClient)
                found.Add($"{metadata.GetString(type.Name)}.{metadata.GetString(field.Name)}");
        }

        Assert.True(fields > 400);
        Assert.Empty(found);
    }

    [Fact]
    public void The_reader_distinguishes_structures_from_references()
    {
        // What this assembly has of each kind, of structures and classes of the client.
        using var file = new PEReader(File.OpenRead(typeof(FieldTests).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var type = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition).Single(t => metadata.GetString(t.Name) == nameof(Samples));
        var needing = type.GetFields()
            .Select(metadata.GetFieldDefinition)
            .Where(f => f.DecodeSignature(new LayoutReader(), null).NeedsClient)
            .Select(f => metadata.GetString(f.Name));
        Assert.Equal(["<Tuple>k__BackingField", "<NullableTuple>k__BackingField", "<Structure>k__BackingField"], needing);
    }

    private static bool IsCmdlet(MetadataReader metadata, TypeDefinition type)
    {
        while (true)
        {
            switch (type.BaseType.Kind)
            {
                case HandleKind.TypeReference:
                    return metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type.BaseType).Name) is "PSCmdlet" or "Cmdlet";
                case HandleKind.TypeDefinition when !type.BaseType.IsNil:
                    type = metadata.GetTypeDefinition((TypeDefinitionHandle)type.BaseType);
                    break;
                case HandleKind.TypeSpecification:
                    var definition = metadata
                        .GetTypeSpecification((TypeSpecificationHandle)type.BaseType)
                        .DecodeSignature(new LayoutReader(), null)
                        .Definition;
                    if (definition is not { } generic)
                        return false;
                    type = metadata.GetTypeDefinition(generic);
                    break;
                default:
                    return false;
            }
        }
    }

    private static class Samples
    {
        internal static (Client.NamespaceClient, string) Tuple { get; set; }

        internal static (Client.NamespaceClient, string)? NullableTuple { get; set; }

        internal static Host.CopyProgress Structure { get; set; }

        internal static Client.NamespaceClient? Reference { get; set; }

        internal static List<(Client.NamespaceClient, string)>? List { get; set; }

        internal static (Client.NamespaceClient, string)[]? Array { get; set; }

        internal static int? Number { get; set; }
    }
}
