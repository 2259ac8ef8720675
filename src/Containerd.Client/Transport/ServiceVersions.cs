using System.Text.RegularExpressions;
using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>The versions of containerd that introduced services (gRPC UNIMPLEMENTED).</summary>
internal static partial class ServiceVersions
{
    // The first version of containerd with a service or a method. All others exist in all supported versions.
    private static readonly Dictionary<string, string> Since = new(StringComparer.Ordinal)
    {
        ["containerd.services.transfer.v1.Transfer"] = "1.7",
        ["containerd.services.streaming.v1.Streaming"] = "1.7",
        ["containerd.services.sandbox.v1.Store"] = "1.7",
        ["containerd.services.sandbox.v1.Controller"] = "1.7",
        ["containerd.services.mounts.v1.Mounts"] = "2.2",
        ["containerd.services.introspection.v1.Introspection/PluginInfo"] = "2.0",
    };

    internal static CtrNotSupportedException Missing(RpcException error, string? subject)
    {
        var detail = error.Status.Detail;
        var named = Unknown().Match(detail);
        if (!named.Success)
            return new CtrNotSupportedException($"This daemon does not support the operation: {detail}.", error) { Subject = subject };
        var service = named.Groups["service"].Value;
        var method = named.Groups["method"].Value;
        var what = method.Length > 0 ? $"call {method} of the service {service}" : $"service {service}";
        return Since.TryGetValue(method.Length > 0 ? $"{service}/{method}" : service, out var version)
            ? new CtrNotSupportedException($"This daemon has no {what}: it requires containerd {version} or later.", error)
            {
                ErrorId = ErrorIds.ServiceNotAvailable,
                Subject = subject,
                Remedy = $"Use containerd {version} or later.",
            }
            : new CtrNotSupportedException(
                $"This daemon has no {what}, which every supported containerd has: its plugin is disabled in the configuration, or "
                    + "did not start.",
                error
            )
            {
                ErrorId = ErrorIds.ServiceNotAvailable,
                Subject = subject,
                RemedyId = "Plugins",
                Remedy = "Check which plugins started, and disabled_plugins in the daemon's configuration.",
            };
    }

    [GeneratedRegex("unknown (?:service (?<service>[A-Za-z0-9_.]+)|method (?<method>[A-Za-z]+) for service (?<service>[A-Za-z0-9_.]+))")]
    private static partial Regex Unknown();
}
