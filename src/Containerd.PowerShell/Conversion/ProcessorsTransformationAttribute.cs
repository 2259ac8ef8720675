using System.Globalization;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Prevents 0,5 processors from becoming 5: the engine interprets the comma in '0,5' as a thousands separator, in every culture, and 0,5
/// without quotes as a list.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ProcessorsTransformationAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var text = SingleValueAttribute.TextOf(value) ?? value as string;
        if (text is null)
            return inputData;
        return decimal.TryParse(
            text,
            NumberStyles.AllowLeadingSign
                | NumberStyles.AllowDecimalPoint
                | NumberStyles.AllowLeadingWhite
                | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' is not a number of processors. Write it with a decimal point, such as 0.5 or 1.5; -1 means no limit."
            );
    }
}
