namespace Containerd.Oci.Registry;

/// <summary>A failure that may not occur in a retry: a broken connection, a busy server. It is internal to this folder.</summary>
internal sealed class RegistryFaultException(CtrException error, TimeSpan? retryAfter = null) : Exception(error.Message, error)
{
    /// <summary>The error for the caller if no retry is left.</summary>
    public CtrException Error => error;

    /// <summary>How long the registry asks clients to wait; null if it does not specify it.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
