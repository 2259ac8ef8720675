namespace Containerd.Oci.Registry;

/// <summary>How often a step is tried again that failed as it may fail once, and how long is waited before.</summary>
internal sealed class Retries(TimeSpan firstDelay)
{
    private const int Most = 4;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);

    // A registry that wants more is not waited for.
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(60);
    private int _failed;

    /// <summary>Something went well since the last failure: the count begins anew.</summary>
    public void Reset() => _failed = 0;

    /// <summary>Waits before the next try; throws the error when there is none left.</summary>
    public async Task WaitAsync(RegistryFaultException fault, CancellationToken cancellationToken)
    {
        if (++_failed > Most || fault.RetryAfter > LongestRequest)
            throw fault.Error;
        var backoff = Math.Min(firstDelay.TotalMilliseconds * Math.Pow(2, _failed - 1), LongestDelay.TotalMilliseconds);

        // Many clients that failed together do not come back together.
        var delay = fault.RetryAfter ?? TimeSpan.FromMilliseconds(backoff * (0.75 + (Random.Shared.NextDouble() / 2)));
        await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Does a step until it succeeds, fails for good, or no try is left.</summary>
    public static async Task<T> RunAsync<T>(TimeSpan firstDelay, Func<Task<T>> step, CancellationToken cancellationToken)
    {
        var retries = new Retries(firstDelay);
        while (true)
        {
            try
            {
                return await step().ConfigureAwait(false);
            }
            catch (RegistryFaultException fault)
            {
                await retries.WaitAsync(fault, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
