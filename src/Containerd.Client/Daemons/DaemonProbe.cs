using Grpc.Core;
using WireVersion = Containerd.Client.Wire.Versions;

namespace Containerd.Client;

/// <summary>Asks whether a private daemon serves already.</summary>
internal static class DaemonProbe
{
    /// <summary>The daemon's version once it answers; null as long as it does not.</summary>
    public static async Task<string?> VersionAsync(string socketPath, CancellationToken cancellation)
    {
        if (!File.Exists(socketPath)) return null;
        using var channel = ContainerdClient.OpenChannel(ContainerdAddress.Parse(socketPath));
        try
        {
            var answer = await new WireVersion.Version.VersionClient(channel)
                .VersionAsync(new(), deadline: DateTime.UtcNow.AddSeconds(2), cancellationToken: cancellation);

            // Packagers add to the version: 1.6.20~ds1.
            var version = answer.Version.TrimStart('v');
            var end = version.IndexOfAny(['~', '+', ' ']);
            return end < 0 ? version : version[..end];
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
