using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Keeps PowerShell from making an id, or a name, of whatever is piped in by its ToString: <c>Get-Process | Stop-CtrTask</c> must not stop the
/// containers whose names happen to be processes'. A number is an id only if it is certain how it was typed: <c>10d</c> in an array or a variable is the decimal 10, and
/// container 10 is not meant.
/// </summary>
/// <param name="of">What the id names: an object of this type binds to another parameter.</param>
/// <param name="noun">The same for a message.</param>
/// <param name="property">The property that holds the id.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdTransformationAttribute(Type of, string noun, string property) : ArgumentTransformationAttribute
{
    public IdTransformationAttribute() : this(typeof(ICtrContainerObject), "a container", "ContainerId")
    {
    }

    public Type Of => of;

    /// <summary>A further type whose objects bind to another parameter; null for none.</summary>
    public Type? Also { get; set; }

    public string Noun => noun;

    public string Property => property;

    /// <summary>Whether an image that was pushed stands for its name in the registry.</summary>
    public bool AcceptsPush { get; set; }

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var items = Unwrap(inputData) is IList list ? list : new[] { inputData };
        if (AcceptsPush && items.Count > 0 && items.OfType<object>().All(item => Unwrap(item) is CtrImagePush))
            return items.OfType<object>().Select(item => ((CtrImagePush)Unwrap(item)!).Destination).ToArray();
        foreach (var item in items)
        {
            if (item is null || Unwrap(item) is string || of.IsInstanceOfType(Unwrap(item)) || Also?.IsInstanceOfType(Unwrap(item)) == true)
                continue;
            if (!TypedNumber.IsNumber(Unwrap(item)!))
                throw new ArgumentTransformationMetadataException(ForeignObject.Refusal(item, noun, property));
            if (!TypedNumber.IsName(item))
                throw new ArgumentTransformationMetadataException(TypedNumber.NotAName(item, noun));
        }

        return inputData;
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
