namespace Containerd.Client.Transport;

/// <summary>
/// Notices a daemon that no longer answers while calls without a deadline of their own are open: it is asked for its version on the same
/// connection. HTTP/2 pings are no
/// substitute: containerd closes the connection of a client that sends them while nothing else happens.
/// </summary>
/// <param name="interval">The time between two questions.</param>
/// <param name="ask">Asks, and returns who is silent; null where an answer came.</param>
internal sealed class Heartbeat(TimeSpan interval, Func<Task<SilentParty?>> ask)
{
    private readonly object _gate = new();
    private readonly HashSet<Watch> _watches = [];
    private bool _beats;

    /// <summary>Watches the daemon until the result is disposed of.</summary>
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

        // It outlives the call that it is started for, whose context is not its own.
        using (ExecutionContext.SuppressFlow())
            _ = Task.Run(BeatAsync);
        return watch;
    }

    private async Task BeatAsync()
    {
        while (true)
        {
            await Task.Delay(interval).ConfigureAwait(false);
            // Calls that begin later get a question of their own.
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
