namespace Containerd.Client;

/// <summary>Cancels network work that makes no progress, and can tell that from a caller who gave up.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _caller;

    public StallGuard(TimeSpan patience, CancellationToken caller)
    {
        Patience = patience;
        _caller = caller;
        _source = CancellationTokenSource.CreateLinkedTokenSource(caller);
    }

    public TimeSpan Patience { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether it was the silence that ended the work.</summary>
    public bool HasStalled => _source.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>The network has the turn: the time runs from now.</summary>
    public void Watch() => _source.CancelAfter(Patience);

    /// <summary>We have the turn, and may take our time.</summary>
    public void Rest() => _source.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);

    public void Dispose() => _source.Dispose();
}
