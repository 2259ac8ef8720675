namespace Containerd.Client.Transport;

/// <summary>What the calls of one connection have in common.</summary>
internal sealed class CallTerms
{
    private volatile int _silent;

    /// <summary>The daemon's address, for errors and traces.</summary>
    internal required string Address { get; init; }

    /// <summary>How long calls may take.</summary>
    internal required CallLimits Limits { get; init; }

    /// <summary>Asks the daemon for its version, within a time; returns who is silent, or null when an answer came.</summary>
    internal required Func<TimeSpan, Task<SilentParty?>> Probe { get; init; }

    /// <summary>Watches the daemon while calls without a deadline are open.</summary>
    internal required Heartbeat Heartbeat { get; init; }

    /// <summary>Returns the error for a session that was closed under a call; null while it is open.</summary>
    internal required Func<CtrException?> Closed { get; init; }

    /// <summary>Who was found silent, as long as no answer has come since; null for nobody.</summary>
    internal SilentParty? Silent
    {
        get => _silent == 0 ? null : (SilentParty)(_silent - 1);
        set => _silent = value is { } party ? (int)party + 1 : 0;
    }

    /// <summary>The connection, which waits for calls that are left open before it closes; null in tests.</summary>
    internal DaemonConnection? Connection { get; init; }
}
