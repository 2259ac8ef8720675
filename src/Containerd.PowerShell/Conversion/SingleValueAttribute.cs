using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Explains what is wrong with a list for a parameter that accepts one value: PowerShell parses 1,5g without quotes as a list, and its own
/// error mentions System.Object[]. Only the message depends on this attribute: without it, as in a Mock of Pester, a list is also an error.
/// </summary>
/// <param name="example">A value with a fraction.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SingleValueAttribute(string example) : ArgumentTransformationAttribute
{
    public string Example => example;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        TextOf(inputData) is { } text
            ? throw new ArgumentTransformationMetadataException(
                $"'{text}' is a list, but this parameter accepts one value. Write a fraction with a decimal point, such as {example}."
            )
            : inputData;

    /// <summary>A list of several values, as it may have been typed; null for anything else.</summary>
    internal static string? TextOf(object? value) =>
        (value is PSObject wrapped ? wrapped.BaseObject : value) is IList { Count: > 1 } list
            ? string.Join(',', list.Cast<object?>().Select(LanguagePrimitives.ConvertTo<string>))
            : null;
}
