using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Keeps PowerShell from making an id, or a name, of whatever is piped in by its ToString: <c>Get-Process | Stop-CtrTask</c> must not stop
/// the containers whose names happen to be processes'. A number is an id only if it is certain how it was typed: <c>10d</c> in an array or
/// a variable is the decimal 10, and container 10 is not meant.
/// </summary>
/// <param name="of">What the id names: an object of this type binds to another parameter.</param>
/// <param name="noun">The same for a message.</param>
/// <param name="property">The property that holds the id.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdTransformationAttribute(Type of, string noun, string property) : ArgumentTransformationAttribute
{
    public IdTransformationAttribute()
        : this(typeof(ICtrContainerObject), "a container", "ContainerId") { }

    public Type Of => of;

    /// <summary>A further type whose objects bind to another parameter; null for none.</summary>
    public Type? Also { get; set; }

    public string Noun => noun;

    public string Property => property;

    /// <summary>Whether an image that was pushed stands for its name in the registry.</summary>
    public bool AcceptsPush { get; set; }

    /// <summary>
    /// Whether objects without a type of their own, such as rows of a CSV file, stand for the value of their property, as do the results of
    /// pushes and tests of images. Binding by property name would also accept a container, a session or a process, whose names are not
    /// names of images.
    /// </summary>
    public bool AcceptsRows { get; set; }

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var items = Unwrap(inputData) is IList list ? list : new[] { inputData };
        if (AcceptsPush && items.Count > 0 && items.OfType<object>().All(item => Unwrap(item) is CtrImagePush))
            return items.OfType<object>().Select(item => ((CtrImagePush)Unwrap(item)!).Destination).ToArray();
        if (AcceptsRows && items.Count > 0 && items.Cast<object?>().Any(item => Row(item) is not null))
        {
            var named = items.Cast<object?>().Select(item => Row(item) ?? item).ToArray();
            items = named;
            inputData = named;
        }

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

    /// <summary>The name that a row has; null for any other object.</summary>
    private string? Row(object? item)
    {
        if (
            item is not PSObject row
            || !(row.BaseObject is PSCustomObject ? IsPlain(row.TypeNames[0]) : row.BaseObject is CtrImagePush or CtrImageTest)
        )
            return null;
        return row.Properties[property]?.Value is { } name ? LanguagePrimitives.ConvertTo<string>(name) : null;
    }

    private bool IsPlain(string type) =>
        type == typeof(PSCustomObject).FullName
        || type.StartsWith("CSV:", StringComparison.Ordinal)
        || new[] { of, typeof(CtrImagePush), typeof(CtrImageTest) }.Any(known =>
            type.EndsWith("." + known.FullName, StringComparison.Ordinal)
        );

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
