using System.Net.Sockets;
using Containerd.Client.Transport;
using Grpc.Core;
using WireVersion = Containerd.Client.Wire.Versions;

namespace Containerd.Client.PrivateDaemons;

/// <summary>Asks whether a private daemon serves already.</summary>
internal static class DaemonProbe
{
    /// <summary>
    /// Whether a process accepts connections on a socket. A daemon that was killed leaves its socket's file, which refuses them.
    /// </summary>
    /// <param name="socketPath">The socket.</param>
    /// <returns>False where nothing listens; true also where this user may not connect, since then it cannot be told.</returns>
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

    /// <summary>The daemon's version once it answers; null as long as it does not.</summary>
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
