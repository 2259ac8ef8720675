using System.Globalization;
using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Events;

/// <summary>An interruption of a stream of events: its cause, and its start.</summary>
internal sealed class EventInterruption
{
    private readonly RecordScope _ns;
    private readonly DateTime _since;
    private readonly SilentParty? _silent;

    /// <summary>Records an interruption that was just detected.</summary>
    /// <param name="ns">The namespace whose events no longer arrive.</param>
    /// <param name="error">The error that ended the stream.</param>
    internal EventInterruption(RecordScope ns, Exception error)
    {
        _ns = ns;
        _silent = SilenceException.Of(error)?.Party;
        // A silence is detected when a query has had no answer for that time.
        _since = _silent is null ? DateTime.Now : DateTime.Now - ns.Connection.SilencePatience;
    }

    /// <summary>The report of the interruption.</summary>
    internal CtrEventConnection Begin() =>
        Report(
            CtrEventConnectionState.Waiting,
            _since,
            $"{What()} {Clock(_since)}. Waiting until the daemon answers again; exits that occur meanwhile are then reported from "
                + "its state."
        );

    /// <summary>The report of its end.</summary>
    internal CtrEventConnection End()
    {
        var now = DateTime.Now;
        return Report(
            CtrEventConnectionState.Listening,
            now,
            $"The daemon at {_ns.Session.Address} answers again, and events arrive. They were interrupted from {Clock(_since)} to "
                + $"{Clock(now)}."
        );
    }

    private string What() =>
        _silent switch
        {
            SilentParty.Ssh => $"The ssh connection to {_ns.Session.Address} has been silent since",
            not null => $"The daemon at {_ns.Session.Address} has not answered since",
            null => $"The connection to the daemon at {_ns.Session.Address} was lost at",
        };

    private CtrEventConnection Report(CtrEventConnectionState state, DateTime since, string message) =>
        new()
        {
            State = state,
            Since = since,
            Message = message,
            Namespace = _ns.Namespace,
            Session = _ns.Session,
        };

    private static string Clock(DateTime time) => time.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
