using Containerd.Client.Transport;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>
/// A lease for a piece of work: one of its own, which is deleted when it is disposed of, or the caller's, which is left to the caller.
/// </summary>
public sealed class LeaseScope : IAsyncDisposable
{
    private readonly LeaseStore? _owner;

    internal LeaseScope(LeaseStore? owner, string id) => (_owner, Id) = (owner, id);

    /// <summary>The lease's id, as the containerd-lease header carries it.</summary>
    public string Id { get; }

    /// <summary>Whether it is one of its own, rather than the caller's.</summary>
    internal bool IsOwn => _owner is not null;

    /// <summary>
    /// Deletes a lease of its own under a deadline of its own and waits for the garbage collector. A daemon that cannot be reached is no
    /// error here:
    /// the lease ends by itself.
    /// </summary>
    /// <returns>A task that ends when the lease is gone or the deadline passed.</returns>
    [AsyncMethodBuilder(typeof(GuardedValueTask))]
    public async ValueTask DisposeAsync()
    {
        if (_owner is null)
            return;
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await _owner.DeleteAsync(Id, synchronous: true, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException) { }
    }
}
