namespace Containerd;

/// <summary>An OCI runtime spec.</summary>
public sealed class CtrSpec
{
}
