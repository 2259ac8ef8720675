using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>
/// A call was not answered in time. <see cref="RpcErrors"/> converts it to the caller's error, with the resource of the call.
/// </summary>
internal sealed class SilenceException(SilentParty party, TimeSpan waited, IMethod method, string address, OpenCall? open)
    : Exception("The call was not answered in time.")
{
    /// <summary>Who is silent.</summary>
    internal SilentParty Party => party;

    /// <summary>How long the client waited.</summary>
    internal TimeSpan Waited => waited;

    /// <summary>The call, such as <c>Tasks.Kill</c>.</summary>
    internal string Call => $"{method.ServiceName[(method.ServiceName.LastIndexOf('.') + 1)..]}.{method.Name}";

    /// <summary>Whether a shim carries out such calls.</summary>
    internal bool IsAboutTask => method.ServiceName.EndsWith(".Tasks", StringComparison.Ordinal);

    /// <summary>The daemon's address.</summary>
    internal string Address => address;

    /// <summary>The call itself, if it is still open; null if it was cancelled.</summary>
    internal OpenCall? Open => open;

    /// <summary>The failed call, as a gRPC exception.</summary>
    internal RpcException ToRpcException() => new(new Status(StatusCode.DeadlineExceeded, Message, this));

    /// <summary>The silence that caused a failure; null for any other failure.</summary>
    internal static SilenceException? Of(Exception? error) =>
        error switch
        {
            RpcException { Status.DebugException: SilenceException silence } => silence,
            CtrException { InnerException: { } inner } => Of(inner),
            _ => null,
        };
}
