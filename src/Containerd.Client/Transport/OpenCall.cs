namespace Containerd.Client.Transport;

/// <summary>A call that the client no longer waits for and that the daemon may still carry out.</summary>
/// <param name="Answer">Completes when the daemon answers, or the connection is lost.</param>
/// <param name="Connection">The connection; null if the call was made without one.</param>
internal sealed record OpenCall(Task Answer, DaemonConnection? Connection)
{
    /// <summary>The call that a failure left open; null for none.</summary>
    internal static OpenCall? Of(Exception error) =>
        error is AbandonedCallException abandoned ? abandoned.Open : SilenceException.Of(error)?.Open;
}
