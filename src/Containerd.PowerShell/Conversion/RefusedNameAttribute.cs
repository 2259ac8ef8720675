using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Rejects -Name for cmdlets that do not act on a single object: as a prefix of -Namespace, it would silently select a namespace with that
/// name.
/// </summary>
/// <param name="remedy">What to use instead.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RefusedNameAttribute(string remedy) : ArgumentTransformationAttribute
{
    public string Remedy => remedy;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        throw new ArgumentTransformationMetadataException(
            $"This cmdlet has no parameter -Name. {remedy} Use -Namespace to select a namespace."
        );
}
