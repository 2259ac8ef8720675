using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Containerd.Testing;

/// <summary>
/// Stands in front of a registry, or for one that is not there, and does what no real one does on demand: it breaks off, flips bytes, says
/// nothing. What it is not told to meddle with goes through as it is.
/// </summary>
public sealed class RegistryProxy : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly int _target;

    /// <summary>Starts one.</summary>
    /// <param name="target">The registry's port on the loopback address; 0 for none.</param>
    /// <param name="address">Where it listens.</param>
    public RegistryProxy(int target = 0, IPAddress? address = null)
    {
        _target = target;
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Its name in references.</summary>
    public string Host => $"localhost:{Port}";

    /// <summary>The requests, in order: method, path, and the headers by lowercase name.</summary>
    public ConcurrentQueue<ProxyExchange> Requests { get; } = new();

    /// <summary>Handles a request, and returns whether it has answered it. It is called for each request.</summary>
    public Func<ProxyExchange, Task<bool>>? Meddle { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = AnswerAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var exchange = await ProxyExchange.ReadAsync(client, _target, _ending.Token);
                if (exchange is null)
                    return;
                Requests.Enqueue(exchange);
                if (Meddle is { } meddle && await meddle(exchange))
                    return;
                await exchange.ForwardAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The side that closed the connection knows the reason.
            }
        }
    }
}

/// <summary>One request through a <see cref="RegistryProxy"/>.</summary>
public sealed class ProxyExchange
{
    private readonly TcpClient _client;
    private readonly int _target;
    private readonly CancellationToken _ending;
    private readonly byte[] _begun;

    private ProxyExchange(TcpClient client, int target, string head, byte[] begun, CancellationToken ending)
    {
        (_client, _target, _begun, _ending) = (client, target, begun, ending);
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        (Method, Path) = (lines[0].Split(' ')[0], lines[0].Split(' ')[1]);
        foreach (var line in lines.Skip(1))
            Headers[line[..line.IndexOf(':', StringComparison.Ordinal)].ToLowerInvariant()] = line[
                (line.IndexOf(':', StringComparison.Ordinal) + 1)..
            ]
                .Trim();
    }

    public string Method { get; }

    /// <summary>Path and query.</summary>
    public string Path { get; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.Ordinal);

    /// <summary>The connection's other end.</summary>
    public NetworkStream Client => _client.GetStream();

    /// <summary>Cancelled when the test is over.</summary>
    public CancellationToken Ending => _ending;

    public bool IsBlob => Path.Contains("/blobs/sha256:", StringComparison.Ordinal) && Method == "GET";

    public static async Task<ProxyExchange?> ReadAsync(TcpClient client, int target, CancellationToken ending)
    {
        var buffer = new byte[1 << 16];
        var length = 0;
        while (true)
        {
            var read = await client.GetStream().ReadAsync(buffer.AsMemory(length), ending);
            if (read == 0)
                return null;
            length += read;

            // A TLS handshake is not for us.
            if (buffer[0] == 0x16)
                return null;
            var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return new ProxyExchange(client, target, Encoding.Latin1.GetString(buffer, 0, end), buffer[(end + 4)..length], ending);
        }
    }

    /// <summary>Answers by itself.</summary>
    public async Task<bool> SayAsync(string status, string headers = "", byte[]? body = null)
    {
        var head =
            $"HTTP/1.1 {status}\r\nConnection: close\r\n{headers}{(headers.Contains("Content-Length", StringComparison.Ordinal) ? "" : $"Content-Length: {body?.Length ?? 0}\r\n")}\r\n";
        await Client.WriteAsync(Encoding.Latin1.GetBytes(head), _ending);
        if (body is not null && Method != "HEAD")
            await Client.WriteAsync(body, _ending);
        await Client.FlushAsync(_ending);
        return true;
    }

    /// <summary>The request's body.</summary>
    public async Task<string> BodyAsync()
    {
        var body = new byte[int.Parse(Headers["content-length"], System.Globalization.CultureInfo.InvariantCulture)];
        _begun.CopyTo(body, 0);
        await Client.ReadExactlyAsync(body.AsMemory(_begun.Length), _ending);
        return Encoding.UTF8.GetString(body);
    }

    /// <summary>The registry's whole answer, head and body.</summary>
    public async Task<byte[]> FetchAsync()
    {
        using var memory = new MemoryStream();
        await PassAsync(memory);
        return memory.ToArray();
    }

    /// <summary>Lets the registry answer.</summary>
    public Task ForwardAsync() => PassAsync(Client);

    /// <summary>Passes on only that many bytes of the registry's answer.</summary>
    public async Task<bool> ForwardAsync(int bytes)
    {
        var all = await FetchAsync();
        await Client.WriteAsync(all.AsMemory(0, Math.Min(bytes, all.Length)), _ending);
        await Client.FlushAsync(_ending);
        return true;
    }

    /// <summary>Sends nothing more until the test or the client ends the connection.</summary>
    public async Task<bool> HangAsync()
    {
        await Client.CopyToAsync(Stream.Null, _ending);
        return true;
    }

    private async Task PassAsync(Stream into)
    {
        using var registry = new TcpClient();
        await registry.ConnectAsync(IPAddress.Loopback, _target, _ending);
        var stream = registry.GetStream();
        var head =
            $"{Method} {Path} HTTP/1.1\r\n"
            + string.Concat(Headers.Where(h => h.Key != "connection").Select(h => $"{h.Key}: {h.Value}\r\n"))
            + "Connection: close\r\n\r\n";
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), _ending);
        await stream.WriteAsync(_begun, _ending);
        var rest =
            (
                Headers.TryGetValue("content-length", out var length)
                    ? long.Parse(length, System.Globalization.CultureInfo.InvariantCulture)
                    : 0
            ) - _begun.Length;
        var buffer = new byte[1 << 16];
        for (
            int read;
            rest > 0 && (read = await Client.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)), _ending)) > 0;
            rest -= read
        )
            await stream.WriteAsync(buffer.AsMemory(0, read), _ending);
        await stream.CopyToAsync(into, _ending);
        await into.FlushAsync(_ending);
    }
}
