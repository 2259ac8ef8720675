namespace Containerd.Client.Transport;

/// <summary>The caller cancelled waiting for a call that is not cancelled on the wire.</summary>
internal sealed class AbandonedCallException(OpenCall open, CancellationToken cancellationToken)
    : OperationCanceledException(cancellationToken)
{
    /// <summary>The call.</summary>
    internal OpenCall Open => open;
}
