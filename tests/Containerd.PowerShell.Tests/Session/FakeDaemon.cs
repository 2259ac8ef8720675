using System.Net.Sockets;
using System.Text;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>
/// Listens on a socket and is no containerd: it answers whatever it is asked with the same text, and hangs up; or says nothing at all.
/// </summary>
internal sealed class FakeDaemon : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _answer;

    internal FakeDaemon(string path, string? answer)
    {
        Path = path;
        _answer = answer;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen();
        _ = ServeAsync();
    }

    internal string Path { get; }

    /// <summary>Completes when a client has sent something.</summary>
    internal Task AskedAsync() => _asked.Task.WaitAsync(TimeSpan.FromSeconds(10));

    public void Dispose() => _socket.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _socket.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        using (client)
        {
            var buffer = new byte[1024];
            try
            {
                while (await client.ReceiveAsync(buffer) > 0)
                {
                    _asked.TrySetResult();
                    if (_answer is null)
                        continue;
                    await client.SendAsync(Encoding.ASCII.GetBytes(_answer));
                    client.Shutdown(SocketShutdown.Both);
                    return;
                }
            }
            catch (SocketException)
            {
                // The other side closed the connection.
            }
        }
    }
}
