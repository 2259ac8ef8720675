using System.Net;
using System.Net.Sockets;

namespace Containerd.Testing;

/// <summary>
/// Passes connections to 127.0.0.2 on to a port of 127.0.0.1, byte for byte: the same server under an address of another name.
/// </summary>
public sealed class TcpForward : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Parse("127.0.0.2"), 0);
    private readonly CancellationTokenSource _ending = new();

    public TcpForward(int target)
    {
        _listener.Start();
        _ = ServeAsync(target);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task ServeAsync(int target)
    {
        try
        {
            while (true)
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_ending.Token), target);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient client, int target)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, target, _ending.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _ending.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), _ending.Token)
                );
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side closed the connection.
            }
        }
    }
}
