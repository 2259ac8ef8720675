using System.Collections.Concurrent;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Introspection;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>Determines which platforms a snapshotter can unpack.</summary>
internal sealed class UnpackablePlatforms(ImageScope ns)
{
    // The platforms of a snapshotter do not change while its daemon is running.
    private readonly ConcurrentDictionary<string, IReadOnlyCollection<string>> _systems = new(StringComparer.Ordinal);

    /// <summary>Returns the manifests whose layers a snapshotter can unpack, and warns about the others.</summary>
    /// <param name="name">The image, for the warning.</param>
    /// <param name="manifests">The manifests.</param>
    /// <param name="snapshotter">The snapshotter.</param>
    /// <param name="warn">Receives the warning; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<IReadOnlyList<ImageManifest>> UnpackableAsync(
        string name,
        IReadOnlyList<ImageManifest> manifests,
        string snapshotter,
        Action<string>? warn,
        CancellationToken cancellationToken
    )
    {
        var systems = await SystemsAsync(snapshotter, cancellationToken).ConfigureAwait(false);
        var others = manifests.Where(m => !IsFor(m.Platform, systems)).ToList();
        if (others.Count > 0)
        {
            warn?.Invoke(
                $"'{name}' was stored but not unpacked for {string.Join(", ", others.Select(m => m.Platform))}: the snapshotter "
                    + $"'{snapshotter}' unpacks images for {string.Join(" and ", systems)} only."
            );
        }

        return [.. manifests.Except(others)];
    }

    /// <summary>Explains why a snapshotter cannot unpack an image for a platform; null if it can.</summary>
    internal async Task<string?> NotUnpackableAsync(ImagePlatform? platform, string snapshotter, CancellationToken cancellationToken)
    {
        var systems = await SystemsAsync(snapshotter, cancellationToken).ConfigureAwait(false);
        return IsFor(platform, systems)
            ? null
            : $"it is for {platform}, and the snapshotter '{snapshotter}' unpacks images for {string.Join(" and ", systems)} only";
    }

    /// <summary>Requires that a snapshotter can unpack an image for a platform.</summary>
    /// <exception cref="CtrNotSupportedException">PlatformNotSupported.</exception>
    internal async Task RequireUnpackableAsync(
        string name,
        ImagePlatform? platform,
        string snapshotter,
        CancellationToken cancellationToken
    )
    {
        if (await NotUnpackableAsync(platform, snapshotter, cancellationToken).ConfigureAwait(false) is not { } why)
            return;
        throw new CtrNotSupportedException($"The image '{name}' cannot be unpacked: {why}.")
        {
            ErrorId = ErrorIds.PlatformNotSupported,
            Subject = name,
            Remedy = "Choose another platform, or use a daemon on that operating system.",
        };
    }

    // An image without a known operating system is treated as one for the daemon's.
    private static bool IsFor(ImagePlatform? platform, IReadOnlyCollection<string> systems) =>
        platform?.OperatingSystem is null or "" or "unknown" || systems.Contains(platform.OperatingSystem);

    private async Task<IReadOnlyCollection<string>> SystemsAsync(string snapshotter, CancellationToken cancellationToken)
    {
        if (_systems.TryGetValue(snapshotter, out var known))
            return known;
        var request = new PluginsRequest { Filters = { $"type==io.containerd.snapshotter.v1,id=={StoreFilter.Quote(snapshotter)}" } };
        var plugins = (
            await new Introspection.IntrospectionClient(ns.Calls())
                .PluginsAsync(request, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Daemon)
                .ConfigureAwait(false)
        ).Plugins;
        var stated = plugins.SelectMany(p => p.Platforms).Select(p => p.Os).Where(os => os.Length > 0).ToHashSet(StringComparer.Ordinal);
        return _systems[snapshotter] =
            stated.Count > 0
                ? stated
                : [(await ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false)).OperatingSystem];
    }
}
