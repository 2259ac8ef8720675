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
                throw new ArgumentTransformationMetadataException(Refusal(item));
        }

        return inputData;
    }

    private static string Refusal(object item)
    {
        var type = item is PSObject wrapped ? wrapped.TypeNames[0] : item.GetType().FullName ?? "";
        return type.StartsWith("Deserialized.Containerd.", StringComparison.Ordinal)
            ? $"This {type["Deserialized.Containerd.".Length..]} came out of a job or a remote session, and has no connection here. Pass its ContainerId, on a session of this process."
            : $"A {type} does not name a container. Give ids as strings, or objects of this module.";
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
