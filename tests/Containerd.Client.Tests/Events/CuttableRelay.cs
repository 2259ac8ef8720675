using System.Net.Sockets;

namespace Containerd.Client.Tests.Events;

/// <summary>A relay to a daemon's socket that can be interrupted: the daemon continues, and its events are missed.</summary>
internal sealed class CuttableRelay : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _target;
    private readonly List<Socket> _open = [];
    private bool _isCut;

    internal CuttableRelay(string path, string target)
    {
        _target = target;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _ = ServeAsync();
    }

    /// <summary>Closes all connections, and refuses new ones.</summary>
    internal void Cut()
    {
        lock (_open)
        {
            _isCut = true;
            _open.ForEach(s => s.Dispose());
            _open.Clear();
        }
    }

    internal void Restore()
    {
        lock (_open)
            _isCut = false;
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

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
        using (near)
        {
            lock (_open)
            {
                if (_isCut)
                    return;
                _open.AddRange([near, far]);
            }

            try
            {
                await far.ConnectAsync(new UnixDomainSocketEndPoint(_target));
                using var here = new NetworkStream(near);
                using var there = new NetworkStream(far);
                await Task.WhenAny(here.CopyToAsync(there), there.CopyToAsync(here));
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // Cut.
            }
        }
    }
}
