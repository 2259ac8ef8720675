namespace Containerd.Oci.Registry;

/// <summary>A failure that another try may not meet again: a connection that broke, a busy server. Never leaves this folder.</summary>
internal sealed class RegistryFaultException(CtrException error, TimeSpan? retryAfter = null) : Exception(error.Message, error)
{
    /// <summary>What the caller is told when no try is left.</summary>
    public CtrException Error => error;

    /// <summary>How long the registry asks to be left alone; null when it does not say.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
