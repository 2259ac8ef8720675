using System.Net;
using System.Net.Sockets;

namespace Containerd.Client.Tests.Networks;

/// <summary>A name server in a sandbox that has one IPv4 address for every name.</summary>
internal sealed class FakeResolver : IDisposable
{
    private const int HeaderLength = 12;
    private const byte IsAnswer = 0x81;
    private const byte Recurses = 0x80;

    private readonly Socket _socket;
    private readonly Thread _thread;

    /// <summary>Starts it.</summary>
    /// <param name="sandbox">The sandbox, whose network namespace it has.</param>
    /// <param name="address">The address that it listens at.</param>
    /// <param name="answer">The address of every name.</param>
    internal FakeResolver(NetworkSandbox sandbox, string address, string answer)
    {
        _socket = sandbox.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 53));
            return socket;
        });
        _thread = new Thread(() => Serve(IPAddress.Parse(answer).GetAddressBytes())) { IsBackground = true };
        _thread.Start();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _thread.Join();
    }

    private void Serve(byte[] answer)
    {
        var buffer = new byte[512];
        EndPoint client = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                var length = _socket.ReceiveFrom(buffer, ref client);
                _socket.SendTo(Answer(buffer.AsSpan(0, length), answer), client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was disposed.
        }
    }

    private static byte[] Answer(ReadOnlySpan<byte> query, byte[] address)
    {
        // The question: labels, a zero, type and class. Additional records of the query are dropped.
        var end = HeaderLength;
        while (query[end] != 0)
            end += query[end] + 1;
        end += 5;
        var isV4 = query[end - 3] == 1;
        byte[] header = [query[0], query[1], IsAnswer, Recurses, 0, 1, 0, (byte)(isV4 ? 1 : 0), 0, 0, 0, 0];
        // The name of the question, type A, class IN, 60 seconds, four bytes.
        byte[] record = isV4 ? [0xc0, HeaderLength, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, .. address] : [];
        return [.. header, .. query[HeaderLength..end], .. record];
    }
}
