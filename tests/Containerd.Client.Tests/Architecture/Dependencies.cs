using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Containerd.Client.Tests.Architecture;

/// <summary>
/// The types that a type uses: in its declaration, its members, the code of its methods, and its nested types.
/// </summary>
internal static class Dependencies
{
    internal static IEnumerable<TypeReference> Of(TypeDefinition type) => All(type).SelectMany(Parts).Distinct();

    private static IEnumerable<TypeReference?> All(TypeDefinition type)
    {
        yield return type.BaseType;
        foreach (var implemented in type.Interfaces)
            yield return implemented.InterfaceType;
        foreach (var attribute in AttributesOf(type))
            yield return attribute;
        foreach (var field in type.Fields)
            yield return field.FieldType;
        foreach (var property in type.Properties)
            yield return property.PropertyType;
        foreach (var used in type.Methods.SelectMany(OfMethod))
            yield return used;
        foreach (var used in type.NestedTypes.SelectMany(All))
            yield return used;
    }

    private static IEnumerable<TypeReference?> OfMethod(MethodDefinition method)
    {
        yield return method.ReturnType;
        foreach (var parameter in method.Parameters)
            yield return parameter.ParameterType;
        foreach (var attribute in AttributesOf(method))
            yield return attribute;
        if (!method.HasBody)
            yield break;
        foreach (var variable in method.Body.Variables)
            yield return variable.VariableType;
        foreach (var handler in method.Body.ExceptionHandlers)
            yield return handler.CatchType;
        foreach (var used in method.Body.Instructions.SelectMany(OfInstruction))
            yield return used;
    }

    private static IEnumerable<TypeReference?> OfInstruction(Instruction instruction)
    {
        switch (instruction.Operand)
        {
            case TypeReference type:
                yield return type;
                break;
            case MethodReference method:
                yield return method.DeclaringType;
                yield return method.ReturnType;
                foreach (var parameter in method.Parameters)
                    yield return parameter.ParameterType;
                if (method is GenericInstanceMethod generic)
                {
                    foreach (var argument in generic.GenericArguments)
                        yield return argument;
                }

                break;
            case FieldReference field:
                yield return field.DeclaringType;
                yield return field.FieldType;
                break;
        }
    }

    private static IEnumerable<TypeReference> AttributesOf(ICustomAttributeProvider provider)
    {
        foreach (var attribute in provider.CustomAttributes)
        {
            yield return attribute.AttributeType;
            // Such as the builder of a method's task.
            foreach (var argument in attribute.ConstructorArguments)
            {
                if (argument.Value is TypeReference type)
                    yield return type;
            }
        }
    }

    /// <summary>A type without arrays, by-reference and generic arguments, and each of its arguments.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                yield break;
            case GenericInstanceType generic:
                yield return generic.ElementType;
                foreach (var part in generic.GenericArguments.SelectMany(Parts))
                    yield return part;
                break;
            case TypeSpecification specification:
                foreach (var part in Parts(specification.ElementType))
                    yield return part;
                break;
            default:
                yield return type;
                break;
        }
    }
}
