using System.Diagnostics;
using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>Waits for the answers to a call within the time limit of its kind, and determines the silent party if there is none.</summary>
/// <param name="terms">The common state of the connection's calls.</param>
/// <param name="method">The call.</param>
/// <param name="kind">Its kind.</param>
/// <param name="activity">The call's trace.</param>
/// <param name="cancel">Cancels the call on the wire.</param>
/// <param name="caller">The caller's token. It does not cancel a change on the wire: the client only stops waiting.</param>
internal sealed class CallWait(CallTerms terms, IMethod method, CallKind kind, Activity? activity, Action cancel, CancellationToken caller)
{
    /// <summary>The time limit for a query to a daemon that was just found silent.</summary>
    private static readonly TimeSpan KnownSilencePatience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The time limit for a change, such as the clean-up afterwards: the request stays open, and is carried out when the daemon responds
    /// again.
    /// </summary>
    private static readonly TimeSpan KnownSilenceChangePatience = TimeSpan.FromMilliseconds(500);

    /// <summary>Awaits an answer, or the next message of a stream.</summary>
    internal async Task<T> ForAsync<T>(Task<T> answer)
    {
        if (answer.IsCompleted || (!terms.Limits.IsFinite && !kind.IsChange()))
            return await answer.ConfigureAwait(false);
        // A call that is cancelled on the wire ends by itself.
        var stop = kind.IsChange() ? caller : CancellationToken.None;
        SilentParty party;
        var clock = Stopwatch.StartNew();
        try
        {
            if (await SilentAsync(answer, stop).ConfigureAwait(false) is not { } silent)
            {
                terms.Silent = null;
                return await answer.ConfigureAwait(false);
            }

            party = silent;
        }
        catch (OperationCanceledException) when (!answer.IsCompleted)
        {
            activity.End(StatusCode.Cancelled);
            throw new AbandonedCallException(Leave(answer, holdsUp: true), stop);
        }

        if (party != SilentParty.Behind)
            terms.Silent = party;
        activity.End(StatusCode.DeadlineExceeded);
        OpenCall? open = null;
        if (kind.IsChange() || kind == CallKind.ChangeStream)
        {
            open = Leave(answer, holdsUp: party == SilentParty.Behind);
        }
        else
        {
            _ = answer.ContinueWith(
                static ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            cancel();
        }

        throw new SilenceException(party, clock.Elapsed, method, terms.Address, open).ToRpcException();
    }

    /// <summary>Waits until an answer arrives (null), or the time limit is reached.</summary>
    private async Task<SilentParty?> SilentAsync(Task answer, CancellationToken stop)
    {
        var limit = terms.Limits.Of(kind);
        var silence = new TaskCompletionSource<SilentParty>(TaskCreationOptions.RunContinuationsAsynchronously);
        // A stopped daemon must be detected earlier than after minutes.
        using var watch =
            kind is CallKind.Read or CallKind.Change || !terms.Limits.IsFinite
                ? null
                : terms.Heartbeat.Begin(party => silence.TrySetResult(party));
        var end = Task.WhenAny(answer, silence.Task);
        if (terms.Silent is { } known && limit != Timeout.InfiniteTimeSpan)
        {
            var patience = kind.IsChange() ? KnownSilenceChangePatience : KnownSilencePatience;
            try
            {
                return await WhoAsync(patience < limit ? patience : limit).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return known;
            }
        }

        var lead = limit == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : CallLimits.ProbeLead(limit);
        try
        {
            return await WhoAsync(limit - lead).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Checked early, so that the silent party is known in time.
        }

        var probe = terms.Probe(CallLimits.ProbePatience(lead));
        try
        {
            return await WhoAsync(lead).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await Task.WhenAny(answer, probe).WaitAsync(stop).ConfigureAwait(false);
            return answer.IsCompleted ? null : await probe.ConfigureAwait(false) ?? SilentParty.Behind;
        }

        async Task<SilentParty?> WhoAsync(TimeSpan time) =>
            await end.WaitAsync(time, stop).ConfigureAwait(false) == answer ? null : await silence.Task.ConfigureAwait(false);
    }

    private OpenCall Leave(Task answer, bool holdsUp)
    {
        if (terms.Connection is { } connection)
            BackgroundWork.Detach(answer, connection, holdsUp);
        else
            _ = answer.ContinueWith(
                static ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        return new OpenCall(answer, terms.Connection);
    }
}
