namespace Containerd.Client;

/// <summary>A lease that is deleted when it is disposed of.</summary>
public sealed class LeaseScope : IAsyncDisposable
{
    private static readonly TimeSpan CleanUpDeadline = TimeSpan.FromSeconds(30);
    private readonly LeaseStore _store;

    internal LeaseScope(LeaseStore store, string id) => (_store, Id) = (store, id);

    /// <summary>The lease's id, as the containerd-lease header carries it.</summary>
    public string Id { get; }

    /// <summary>
    /// Deletes the lease under a deadline of its own and waits for the garbage collector. A daemon that cannot be reached is no error here:
    /// the lease ends by itself.
    /// </summary>
    /// <returns>A task that ends when the lease is gone or the deadline passed.</returns>
    public async ValueTask DisposeAsync()
    {
        using var deadline = new CancellationTokenSource(CleanUpDeadline);
        try
        {
            await _store.DeleteAsync(Id, synchronous: true, deadline.Token);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
        }
    }
}
