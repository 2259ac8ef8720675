using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Prevents PowerShell from converting any input object to an id or a name with ToString: <c>Get-Process | Stop-CtrTask</c> must not stop
/// containers that have the names of processes. A number is accepted as an id only if it is certain how it was typed: <c>10d</c> in an
/// array or a variable is the decimal 10, but container 10 is not meant.
/// </summary>
/// <param name="of">The type of object that the id identifies: such an object binds to another parameter.</param>
/// <param name="noun">The noun for messages.</param>
/// <param name="property">The property that holds the id.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdTransformationAttribute(Type of, string noun, string property) : ArgumentTransformationAttribute
{
    public IdTransformationAttribute()
        : this(typeof(ICtrContainerObject), "a container", "ContainerId") { }

    public Type Of => of;

    /// <summary>An additional type whose objects bind to another parameter; null for none.</summary>
    public Type? Also { get; set; }

    public string Noun => noun;

    public string Property => property;

    /// <summary>Whether the result of a push is accepted for its name in the registry.</summary>
    public bool AcceptsPush { get; set; }

    /// <summary>
    /// Whether objects without their own type, such as rows of a CSV file, are accepted for the value of their property, as are the results
    /// of pushes and tests of images. Binding by property name would also accept a container, a session or a process, whose names are not
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

    /// <summary>The name in a row; null for any other object.</summary>
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
