using System.Net.Sockets;
using Containerd.Client.Transport;
using Grpc.Core;
using WireVersion = Containerd.Client.Wire.Versions;

namespace Containerd.Client.PrivateDaemons;

/// <summary>Checks whether a private daemon is serving.</summary>
internal static class DaemonProbe
{
    /// <summary>Whether a process accepts connections on a socket. The socket file of a killed daemon rejects connections.</summary>
    /// <param name="socketPath">The socket.</param>
    /// <returns>False if no process listens; true also if this user is not allowed to connect, because it is then not known.</returns>
    public static bool Listens(string socketPath)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(socketPath));
            return true;
        }
        catch (SocketException e)
        {
            // A frozen daemon whose queue of connections is full (WouldBlock) listens.
            return e.SocketErrorCode is SocketError.AccessDenied or SocketError.WouldBlock;
        }
    }

    /// <summary>The version of the daemon once it answers; null before that.</summary>
    public static async Task<string?> VersionAsync(string socketPath, CancellationToken cancellationToken)
    {
        if (!File.Exists(socketPath))
            return null;
        using var channel = DaemonConnection.OpenChannel(ContainerdAddress.Parse(socketPath));
        try
        {
            var answer = await new WireVersion.Version.VersionClient(channel).VersionAsync(
                new(),
                deadline: DateTime.UtcNow.AddSeconds(2),
                cancellationToken: cancellationToken
            );
            return DaemonVersion.Normalize(answer.Version);
        }
        catch (Exception exception)
            when (exception is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
