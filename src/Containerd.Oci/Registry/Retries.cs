namespace Containerd.Oci.Registry;

/// <summary>The number of retries of a step after transient failures, and the delays between them.</summary>
internal sealed class Retries(TimeSpan firstDelay)
{
    private const int Most = 4;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(15);

    // If a registry requires a longer delay, the step fails.
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(60);
    private int _failed;

    /// <summary>There was progress since the last failure: the count starts again.</summary>
    public void Reset() => _failed = 0;

    /// <summary>Waits before the next retry; throws the error if none is left.</summary>
    public async Task WaitAsync(RegistryFaultException fault, CancellationToken cancellationToken)
    {
        if (++_failed > Most || fault.RetryAfter > LongestRequest)
            throw fault.Error;
        var backoff = Math.Min(firstDelay.TotalMilliseconds * Math.Pow(2, _failed - 1), LongestDelay.TotalMilliseconds);

        // A random delay prevents many clients from retrying at the same time.
        var delay = fault.RetryAfter ?? TimeSpan.FromMilliseconds(backoff * (0.75 + (Random.Shared.NextDouble() / 2)));
        await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a step until it succeeds, fails permanently, or no retry is left.</summary>
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
