using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>The errors for calls without an answer: the silent party, and the state of the call.</summary>
internal static class TimeoutErrors
{
    private const string MoreTime = "a longer operation timeout allows each call more time.";

    /// <summary>The error for a call that was not answered in time.</summary>
    internal static CtrTimeoutException Explain(RpcException error, Resource resource, string? id)
    {
        if (error.Status.DebugException is not SilenceException silence)
            return FromDaemon(error, resource, id);
        var waited = new CtrDuration(TimeSpan.FromMilliseconds(Math.Round(silence.Waited.TotalMilliseconds / 100) * 100));
        var open = silence.Open is null ? "" : ". The daemon may still carry out the call";
        var (errorId, message, remedy) = silence.Party switch
        {
            SilentParty.Ssh => (
                ErrorIds.SshTimedOut,
                $"The ssh connection to {silence.Address} did not carry an answer to {silence.Call} within {waited}{open}.",
                "Check the network and the host; " + MoreTime
            ),
            SilentParty.Daemon => (
                ErrorIds.DaemonTimedOut,
                $"The daemon at {silence.Address} did not answer {silence.Call} within {waited}, nor any other call{open}.",
                "Check whether containerd is stopped or overloaded (its process, its log); " + MoreTime
            ),
            _ when silence.IsAboutTask => (
                ErrorIds.ShimTimedOut,
                $"{Shim(resource, id)} did not answer {silence.Call} within {waited}; the daemon answers other calls{open}.",
                "Check the shim's process and the runtime that it started, which may be stopped or run a hook; " + MoreTime
            ),
            _ => (
                ErrorIds.OperationTimedOut,
                $"The daemon at {silence.Address} did not answer {silence.Call} within {waited}; it answers other calls{open}.",
                "Check the daemon's log and its disks; " + MoreTime
            ),
        };
        return new CtrTimeoutException(message, error)
        {
            ErrorId = errorId,
            Subject = id ?? silence.Address,
            Remedy = remedy,
        };
    }

    /// <summary>The error for a run that ends at its caller's timeout while the daemon is silent.</summary>
    internal static CtrTimeoutException Undoing(SilentParty party, string address, string containerId, TimeSpan time)
    {
        var error = NoAnswer(party, address, time);
        return new($"{error.Message} If the daemon still carries out the request, the client undoes it.")
        {
            ErrorId = error.ErrorId,
            Subject = containerId,
            RemedyId = error.RemedyId,
            Remedy = error.Remedy,
        };
    }

    /// <summary>The error for a task whose shim does not report its exit although it was killed.</summary>
    internal static CtrTimeoutException NotEnded(string containerId, TimeSpan waited) =>
        new($"The task of container '{containerId}' was killed, and its shim did not report its exit within {new CtrDuration(waited)}.")
        {
            ErrorId = ErrorIds.ShimTimedOut,
            Subject = containerId,
            Remedy = "Check the shim's process, and whether the task's process is in an uninterruptible sleep; " + MoreTime,
        };

    /// <summary>The error for a daemon that does not answer at all.</summary>
    internal static CtrTimeoutException NoAnswer(SilentParty party, string address, TimeSpan waited) =>
        party == SilentParty.Ssh
            ? new CtrTimeoutException($"The ssh connection to {address} did not carry an answer within {new CtrDuration(waited)}.")
            {
                ErrorId = ErrorIds.SshTimedOut,
                Subject = address,
                Remedy = "Check the network and the host.",
            }
            : new CtrTimeoutException($"The daemon at {address} did not answer within {new CtrDuration(waited)}.")
            {
                ErrorId = ErrorIds.DaemonTimedOut,
                Subject = address,
                Remedy = "Check whether containerd is stopped or overloaded (its process, its log).",
            };

    /// <summary>The same error for a change that is undone as soon as the daemon has answered.</summary>
    internal static Exception Undone(Exception error, bool undone)
    {
        const string Open = ". The daemon may still carry out the call.";
        return undone && error is CtrTimeoutException late && late.Message.EndsWith(Open, StringComparison.Ordinal)
            ? new CtrTimeoutException(
                late.Message[..^Open.Length] + ". If the daemon still carries out the call, the client undoes it.",
                late.InnerException
            )
            {
                ErrorId = late.ErrorId,
                Subject = late.Subject,
                RemedyId = late.RemedyId,
                Remedy = late.Remedy,
            }
            : error;
    }

    /// <summary>
    /// The daemon itself reports that a component behind it timed out, or did not answer within the deadline of a first connection.
    /// </summary>
    private static CtrTimeoutException FromDaemon(RpcException error, Resource resource, string? id)
    {
        var name = RpcErrors.Name(resource, id);
        return resource is Resource.Task or Resource.Exec
            ? new CtrTimeoutException($"{Shim(resource, id)} did not answer the daemon in time.", error)
            {
                ErrorId = ErrorIds.ShimTimedOut,
                Subject = id,
                Remedy = "Check the shim's process and the runtime that it started, which may be stopped or run a hook.",
            }
            : new CtrTimeoutException(
                resource == Resource.Daemon
                    ? $"{name} did not answer in time."
                    : $"The daemon did not answer in time for {char.ToLowerInvariant(name[0])}{name[1..]}.",
                error
            )
            {
                ErrorId = ErrorIds.DaemonTimedOut,
                Subject = id,
                Remedy = "Allow it more time, or check why the daemon is busy.",
            };
    }

    private static string Shim(Resource resource, string? id) =>
        id is null ? "A shim"
        : resource == Resource.Exec ? $"The shim of container '{id.Split('/')[0]}'"
        : $"The shim of container '{id}'";
}
