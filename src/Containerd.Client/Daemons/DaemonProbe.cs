using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;

namespace Containerd.Client;

/// <summary>Asks whether a private daemon serves already.</summary>
internal static class DaemonProbe
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create<byte[]>(static bytes => bytes, static bytes => bytes);

    private static readonly Method<byte[], byte[]> Version =
        new(MethodType.Unary, "containerd.services.version.v1.Version", "Version", Bytes, Bytes);

    /// <summary>The daemon's version once it answers; null as long as it does not.</summary>
    public static async Task<string?> VersionAsync(string socketPath, CancellationToken cancellation)
    {
        if (!File.Exists(socketPath)) return null;
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        using var channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        try
        {
            var options = new CallOptions(deadline: DateTime.UtcNow.AddSeconds(2), cancellationToken: cancellation);
            using var call = channel.CreateCallInvoker().AsyncUnaryCall(Version, null, options, []);
            return Plain(await call.ResponseAsync);
        }
        catch (RpcException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    // The answer's first field is the version; packagers add to it (1.6.20~ds1).
    private static string Plain(byte[] answer)
    {
        if (answer is not [0x0A, var length, ..] || answer.Length < 2 + length) return "";
        var version = Encoding.UTF8.GetString(answer, 2, length).TrimStart('v');
        var end = version.IndexOfAny(['~', '+', ' ']);
        return end < 0 ? version : version[..end];
    }
}
