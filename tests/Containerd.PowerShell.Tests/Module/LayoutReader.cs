using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>Reads from a field's signature whether the client has to be loaded to lay the field out.</summary>
internal sealed class LayoutReader : ISignatureTypeProvider<LayoutReader.Layout, object?>
{
    private const byte ValueTypeKind = 0x11;
    private static readonly string[] Libraries = ["Containerd.Client", "Containerd.Host", "Containerd.Oci"];

    private static readonly Layout Plain = new(IsValue: false, Mentions: false);

    public Layout GetPrimitiveType(PrimitiveTypeCode typeCode) => Plain;

    public Layout GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        new(rawTypeKind == ValueTypeKind, rawTypeKind == ValueTypeKind && HasSuchField(reader, handle)) { Definition = handle };

    public Layout GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        new(rawTypeKind == ValueTypeKind, IsOfClient(reader, handle));

    public Layout GetTypeFromSpecification(
        MetadataReader reader,
        object? genericContext,
        TypeSpecificationHandle handle,
        byte rawTypeKind
    ) => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public Layout GetGenericInstantiation(Layout genericType, ImmutableArray<Layout> typeArguments) =>
        genericType with
        {
            Mentions = genericType.Mentions || typeArguments.Any(a => a.Mentions),
        };

    // References, whatever they refer to.
    public Layout GetSZArrayType(Layout elementType) => elementType with { IsValue = false };

    public Layout GetArrayType(Layout elementType, ArrayShape shape) => elementType with { IsValue = false };

    public Layout GetByReferenceType(Layout elementType) => elementType with { IsValue = false };

    public Layout GetPointerType(Layout elementType) => elementType with { IsValue = false };

    public Layout GetPinnedType(Layout elementType) => elementType;

    public Layout GetModifiedType(Layout modifier, Layout unmodifiedType, bool isRequired) => unmodifiedType;

    public Layout GetFunctionPointerType(MethodSignature<Layout> signature) => Plain;

    public Layout GetGenericTypeParameter(object? genericContext, int index) => Plain;

    public Layout GetGenericMethodParameter(object? genericContext, int index) => Plain;

    private bool HasSuchField(MetadataReader reader, TypeDefinitionHandle handle) =>
        reader
            .GetTypeDefinition(handle)
            .GetFields()
            .Select(reader.GetFieldDefinition)
            .Any(field =>
                !field.Attributes.HasFlag(System.Reflection.FieldAttributes.Static) && field.DecodeSignature(this, null).NeedsClient
            );

    private static bool IsOfClient(MetadataReader reader, TypeReferenceHandle handle)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            // A type within another one.
            HandleKind.TypeReference => IsOfClient(reader, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference => reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name) is var name
                && Libraries.Contains(name),
            _ => false,
        };
    }

    /// <summary>What a field's type is.</summary>
    /// <param name="IsValue">Whether it is a structure.</param>
    /// <param name="Mentions">Whether it, or an argument of it, is a type of the client.</param>
    internal sealed record Layout(bool IsValue, bool Mentions)
    {
        internal TypeDefinitionHandle? Definition { get; init; }

        internal bool NeedsClient => IsValue && Mentions;
    }
}
