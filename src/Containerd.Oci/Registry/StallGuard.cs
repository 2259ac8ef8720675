using System.Diagnostics;
using Containerd.Host;

namespace Containerd.Oci.Registry;

/// <summary>
/// Cancels network operations that make no progress, and distinguishes this from cancellation by the caller. A few bytes are not progress:
/// otherwise a registry that sends one byte at a time could block a pull forever.
/// </summary>
internal sealed class StallGuard : IDisposable
{
    /// <summary>The minimum speed of a connection, in bytes per second.</summary>
    private const int SlowestRate = 512;

    /// <summary>The number of bytes that always counts as progress.</summary>
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

    /// <summary>Whether the operation was cancelled because of a stall.</summary>
    public bool HasStalled => _deadline.IsOver;

    /// <summary>The number of bytes since the last progress.</summary>
    public long Received { get; private set; }

    /// <summary>Waits for the network: its time continues from the last progress.</summary>
    public void Watch()
    {
        _turn.Start();
        if (Patience == System.Threading.Timeout.InfiniteTimeSpan)
            return;
        var left = Patience - _turn.Elapsed;
        _deadline.Start(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>Stops the time while the client works; the network has made progress.</summary>
    public void Rest() => Rest((int)_enough);

    /// <summary>Stops the time while the client works.</summary>
    /// <param name="received">The number of received bytes.</param>
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
