namespace Containerd.Client.Transport;

/// <summary>
/// Detects a daemon that no longer answers while calls without a deadline are open: it queries the version on the same connection. HTTP/2
/// pings are not an alternative: containerd closes the connection of a client that sends them while idle.
/// </summary>
/// <param name="interval">The interval of the queries.</param>
/// <param name="ask">Queries the daemon, and returns the silent party; null if an answer arrived.</param>
internal sealed class Heartbeat(TimeSpan interval, Func<Task<SilentParty?>> ask)
{
    private readonly object _gate = new();
    private readonly HashSet<Watch> _watches = [];
    private bool _beats;

    /// <summary>Monitors the daemon until the result is disposed.</summary>
    /// <param name="silent">Called once when the daemon does not answer.</param>
    internal IDisposable Begin(Action<SilentParty> silent)
    {
        var watch = new Watch(this, silent);
        lock (_gate)
        {
            _watches.Add(watch);
            if (_beats)
                return watch;
            _beats = true;
        }

        // It outlives the call that starts it, and must not use its context.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(BeatAsync);
        return watch;
    }

    private async Task BeatAsync()
    {
        while (true)
        {
            await Task.Delay(interval).ConfigureAwait(false);
            // Later calls start a new query.
            List<Watch> asking;
            lock (_gate)
            {
                asking = [.. _watches];
                _beats = asking.Count > 0;
                if (!_beats)
                    return;
            }

            if (await ask().ConfigureAwait(false) is { } party)
                asking.ForEach(watch => watch.Tell(party));
        }
    }

    private sealed class Watch(Heartbeat owner, Action<SilentParty> silent) : IDisposable
    {
        internal void Tell(SilentParty party)
        {
            if (Leave())
                silent(party);
        }

        public void Dispose() => Leave();

        private bool Leave()
        {
            lock (owner._gate)
                return owner._watches.Remove(this);
        }
    }
}
