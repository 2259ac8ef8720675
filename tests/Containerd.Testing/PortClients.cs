using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Containerd.Host.Native;

namespace Containerd.Testing;

/// <summary>
/// Connects to a published port of a container that is replaced by another one: one connection after another, each of which reads the
/// answer.
/// </summary>
/// <param name="process">A process whose network namespace the connections come from.</param>
/// <param name="address">The address of the host.</param>
/// <param name="port">The port.</param>
public sealed class PortClients(int process, string address, int port)
{
    private readonly ConcurrentQueue<string> _answers = [];

    /// <summary>What was no answer.</summary>
    public ConcurrentQueue<string> Failures { get; } = [];

    /// <summary>How often a container answered: blue or green.</summary>
    public int Answers(string text) => _answers.Count(a => a == text);

    /// <summary>Connects so often, and until the second container has answered often.</summary>
    public Task<int> RunAsync(int count) => Task.Run(() => LibcRoutes.InNamespace($"/proc/{process}/ns/net", () =>
            {
                while (Failures.Count < 100 && (_answers.Count < count || (Failures.IsEmpty && Answers("green") <= 100)))
                    Request();
                return 0;
            }));

    private void Request()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
            socket.Connect(IPAddress.Parse(address), port);
            var buffer = new byte[64];
            var length = 0;
            while (socket.Receive(buffer, length, buffer.Length - length, SocketFlags.None) is var read and > 0)
                length += read;
            var text = Encoding.ASCII.GetString(buffer, 0, length).Trim();
            if (text is "blue" or "green")
                _answers.Enqueue(text);
            else
                Failures.Enqueue($"'{text}'");
        }
        catch (SocketException e)
        {
            Failures.Enqueue(e.Message);
        }
    }
}
