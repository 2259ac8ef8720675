namespace Containerd.Client.Transport;

/// <summary>The common state of the calls of a connection.</summary>
internal sealed class CallTerms
{
    private volatile int _silent;

    /// <summary>The daemon's address, for errors and traces.</summary>
    internal required string Address { get; init; }

    /// <summary>The time limits of calls.</summary>
    internal required CallLimits Limits { get; init; }

    /// <summary>Queries the daemon's version within a time limit; returns the silent party, or null if an answer arrived.</summary>
    internal required Func<TimeSpan, Task<SilentParty?>> Probe { get; init; }

    /// <summary>Watches the daemon while calls without a deadline are open.</summary>
    internal required Heartbeat Heartbeat { get; init; }

    /// <summary>Returns the error for a session that was closed under a call; null while it is open.</summary>
    internal required Func<CtrException?> Closed { get; init; }

    /// <summary>The party that was found silent, until an answer arrives; null for none.</summary>
    internal SilentParty? Silent
    {
        get => _silent == 0 ? null : (SilentParty)(_silent - 1);
        set => _silent = value is { } party ? (int)party + 1 : 0;
    }

    /// <summary>The connection, which waits for open calls before it closes; null in tests.</summary>
    internal DaemonConnection? Connection { get; init; }
}
