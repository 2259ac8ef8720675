using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Containerd.Host.Native;

namespace Containerd.Client.Tests.Networks;

/// <summary>Clients on another host that connect to the published port, one after another, and read the answer.</summary>
internal sealed class OutsideClients(OutsideHost outside)
{
    private readonly ConcurrentQueue<string> _answers = [];

    internal ConcurrentQueue<string> Failures { get; } = [];

    internal int Answers(string text) => _answers.Count(a => a == text);

    internal Task<int> RunAsync(int count) => Task.Run(() => LibcRoutes.InNamespace($"/proc/{outside.Pid}/ns/net", () =>
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
            socket.Connect(IPAddress.Parse(OutsideHost.Address), OutsideHost.Port);
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
