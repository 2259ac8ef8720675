using Containerd.Client.Transport;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>
/// A lease for an operation: a separate one, which is deleted when this object is disposed, or the caller's, which is kept.
/// </summary>
public sealed class LeaseScope : IAsyncDisposable
{
    private readonly LeaseStore? _owner;

    internal LeaseScope(LeaseStore? owner, string id) => (_owner, Id) = (owner, id);

    /// <summary>The lease's id, as the containerd-lease header carries it.</summary>
    public string Id { get; }

    /// <summary>Whether it is a separate lease, instead of the caller's.</summary>
    internal bool IsOwn => _owner is not null;

    /// <summary>
    /// Deletes a separate lease, with its own deadline, and waits for the garbage collector. An unavailable daemon is not an error here:
    /// the lease expires.
    /// </summary>
    /// <returns>A task that completes when the lease is deleted or the deadline has passed.</returns>
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
