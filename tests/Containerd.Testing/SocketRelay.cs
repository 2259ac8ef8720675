using System.Net;
using System.Net.Sockets;

namespace Containerd.Testing;

/// <summary>Passes bytes on between an endpoint of its own and a daemon's socket.</summary>
public sealed class SocketRelay : IDisposable
{
    private readonly Socket _listener;
    private readonly string _target;

    /// <summary>Listens on a port of the loopback address.</summary>
    public SocketRelay(string target)
        : this(new IPEndPoint(IPAddress.Loopback, 0), target) { }

    public SocketRelay(EndPoint endpoint, string target)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        _target = target;
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(endpoint);
        _listener.Listen();
        _ = ServeAsync();
    }

    public string Address => _listener.LocalEndPoint!.ToString()!;

    public void Dispose() => _listener.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = PassAsync(await _listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await far.ConnectAsync(new UnixDomainSocketEndPoint(_target));
        using var here = new NetworkStream(near, ownsSocket: true);
        using var there = new NetworkStream(far);
        await Task.WhenAny(here.CopyToAsync(there), there.CopyToAsync(here));
    }
}
