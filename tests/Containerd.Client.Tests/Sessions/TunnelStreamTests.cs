using System.Net.Sockets;
using Containerd.Client.Transport.Ssh;

namespace Containerd.Client.Tests.Sessions;

/// <summary>A stream through ssh that the other host refused: each use of it gives the reason.</summary>
public sealed class TunnelStreamTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"containerd-{Guid.NewGuid():N}.sock");
    private readonly CtrConnectionException _refusal = new("It was refused.") { ErrorId = ErrorIds.SshForwardFailed };

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task A_read_gives_the_reason_of_a_refusal()
    {
        await using var stream = await RefusedAsync(_refusal);
        Assert.Same(_refusal, await Assert.ThrowsAsync<CtrConnectionException>(() => stream.ReadAsync(new byte[1]).AsTask()));
    }

    [Fact]
    public async Task A_write_after_a_refused_read_disposed_of_the_stream_gives_the_reason_too()
    {
        var stream = await RefusedAsync(_refusal);
        await Assert.ThrowsAsync<CtrConnectionException>(() => stream.ReadAsync(new byte[1]).AsTask());
        await stream.DisposeAsync();
        Assert.Same(_refusal, await Assert.ThrowsAsync<CtrConnectionException>(() => stream.WriteAsync(new byte[1]).AsTask()));
    }

    [Fact]
    public async Task Without_a_reason_the_errors_of_the_stream_stay()
    {
        var stream = await RefusedAsync(null);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        await stream.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.WriteAsync(new byte[1]).AsTask());
    }

    /// <summary>A stream whose other end was closed before a byte came.</summary>
    private async Task<TunnelStream> RefusedAsync(CtrException? refusal)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_path));
        listener.Listen();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path));
        (await listener.AcceptAsync()).Dispose();
        return new TunnelStream(new NetworkStream(socket, ownsSocket: true), () => Task.FromResult(refusal));
    }
}
