using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Keeps PowerShell from making an id of whatever is piped in by its ToString: <c>Get-Process | Stop-CtrTask</c> must not stop the containers whose names
/// happen to be processes'.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var items = Unwrap(inputData) is IList list ? list : new[] { inputData };
        foreach (var item in items)
        {
            if (item is not null && Unwrap(item) is not (string or CtrContainerObject or int or long or double))
                throw new ArgumentTransformationMetadataException(ForeignObject.Refusal(item));
        }

        return inputData;
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
