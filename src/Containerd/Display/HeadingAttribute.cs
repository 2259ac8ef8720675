namespace Containerd;

/// <summary>A shorter name of the property for the heading of its column in a table.</summary>
/// <param name="text">The heading.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HeadingAttribute(string text) : Attribute
{
    /// <summary>The heading.</summary>
    public string Text { get; } = text;
}
