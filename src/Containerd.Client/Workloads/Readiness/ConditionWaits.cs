using System.Runtime.ExceptionServices;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>
/// Several waits for one container that run at the same time. All have to succeed; the first failure that is not a timeout ends the others.
/// </summary>
internal static class ConditionWaits
{
    /// <summary>Runs the waits.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="waits">The waits, each with the same time limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static async Task RunAsync(
        string containerId,
        IEnumerable<Func<CancellationToken, Task>> waits,
        CancellationToken cancellationToken
    )
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = waits.Select(wait => wait(together.Token)).ToList();
        var late = new List<CtrTimeoutException>();
        Exception? failure = null;
        while (running.Count > 0)
        {
            var settled = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(settled);
            try
            {
                await settled.ConfigureAwait(false);
            }
            catch (CtrTimeoutException e) when (e.ErrorId == ErrorIds.ReadinessTimedOut)
            {
                late.Add(e);
            }
            catch (Exception e)
            {
                failure ??= e;
                await together.CancelAsync().ConfigureAwait(false);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        if (late.Count > 0)
            throw late.Count == 1 ? late[0] : ReadinessErrors.Together(containerId, late);
    }
}
