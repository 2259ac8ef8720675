using System.Globalization;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Keeps half a processor from becoming five: the engine takes the comma in '0,5' for a separator of thousands, in every culture, and reads
/// a list in 0,5 without quotes.
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
