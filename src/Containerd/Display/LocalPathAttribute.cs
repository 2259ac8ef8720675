namespace Containerd;

/// <summary>The path of a file of this machine that the object stands for. Commands for files accept the object because of it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class LocalPathAttribute : Attribute;
