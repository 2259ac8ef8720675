namespace Containerd;

/// <summary>The number is a number of bytes, which views show with a unit.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BytesAttribute : Attribute;
