using System.Diagnostics;
using Containerd.Host;

namespace Containerd.Oci.Registry;

/// <summary>
/// Cancels network work that makes no progress, and can tell that from a caller who gave up. A few bytes are no progress: a registry that
/// sends one at a time would hold a pull
/// for ever.
/// </summary>
internal sealed class StallGuard : IDisposable
{
    /// <summary>The slowest connection that counts as one, in bytes per second.</summary>
    private const int SlowestRate = 512;

    /// <summary>What is progress whatever the patience.</summary>
    private const int MostAsked = 1 << 14;

    private readonly Deadline _deadline;
    private readonly Stopwatch _turn = new();
    private readonly long _enough;

    public StallGuard(TimeSpan patience, CancellationToken caller)
    {
        Patience = patience;
        _enough = patience <= TimeSpan.Zero ? 1 : (long)Math.Clamp(patience.TotalSeconds * SlowestRate, 1, MostAsked);
        _deadline = new Deadline(caller);
    }

    public TimeSpan Patience { get; }

    public CancellationToken Token => _deadline.Token;

    /// <summary>Whether it was the silence that ended the work.</summary>
    public bool HasStalled => _deadline.IsOver;

    /// <summary>How many bytes have come since the last progress.</summary>
    public long Received { get; private set; }

    /// <summary>The network has the turn: its time runs on from where it stood at the last progress.</summary>
    public void Watch()
    {
        _turn.Start();
        if (Patience == System.Threading.Timeout.InfiniteTimeSpan)
            return;
        var left = Patience - _turn.Elapsed;
        _deadline.Start(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>We have the turn, and may take our time; what the network did was progress.</summary>
    public void Rest() => Rest((int)_enough);

    /// <summary>We have the turn.</summary>
    /// <param name="received">How many bytes came.</param>
    public void Rest(int received)
    {
        _deadline.Stop();
        _turn.Stop();
        Received += received;
        if (Received < _enough)
            return;
        Received = 0;
        _turn.Reset();
    }

    public void Dispose() => _deadline.Dispose();
}
