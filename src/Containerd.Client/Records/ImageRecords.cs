using Containerd.Client.Transport;
using Containerd.Client.Wire.Images;
using Containerd.Client.Wire.Introspection;
using Containerd.Oci;
using Containerd.Oci.Images;
using Grpc.Core;

namespace Containerd.Client.Records;

/// <summary>The names of a namespace's images and their targets (images.v1), without their content.</summary>
internal sealed class ImageRecords(RecordScope ns)
{
    internal Wire.Images.Images.ImagesClient Stub => new(ns.Calls());

    /// <summary>The images as they are stored, by name (images.v1 List).</summary>
    internal async Task<IReadOnlyList<Image>> ListAsync(CancellationToken cancellationToken, StoreFilter? filter = null)
    {
        var request = new ListImagesRequest();
        request.Filters.AddRange((filter ??= StoreFilter.All).ToWire());
        var images = (
            await Stub.ListAsync(request, cancellationToken: cancellationToken).TranslateErrors(Resource.Image).ConfigureAwait(false)
        ).Images;
        return [.. images.Where(i => filter.Wants(new CtrMap(i.Labels))).OrderBy(i => i.Name, StringComparer.Ordinal)];
    }

    /// <summary>The names of all images.</summary>
    internal async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Select(i => i.Name)];

    /// <summary>The names of all images and their targets.</summary>
    internal async Task<IReadOnlyList<(string Name, string Digest, string MediaType)>> TargetsAsync(CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Select(i => (i.Name, i.Target.Digest, i.Target.MediaType))];

    /// <summary>An image by its exact name (images.v1 Get); null for none.</summary>
    internal async Task<Image?> TryGetAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (
                await Stub.GetAsync(new GetImageRequest { Name = name }, cancellationToken: cancellationToken)
                    .ResponseAsync.ConfigureAwait(false)
            ).Image;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException e)
        {
            throw RpcErrors.Translate(e, Resource.Image, name);
        }
    }

    /// <summary>
    /// Finds an image by its full or short name. The unchanged name is tried first: containerd accepts any string, and other clients use
    /// names that do not follow the rules.
    /// </summary>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    internal async Task<Image> FindAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (await TryGetAsync(name, cancellationToken).ConfigureAwait(false) is { } exact)
            return exact;
        string full;
        try
        {
            full = ImageReference.Normalize(name);
        }
        catch (CtrArgumentException e)
        {
            throw RpcErrors.NotFound(Resource.Image, name, e);
        }

        return await TryGetAsync(full, cancellationToken).ConfigureAwait(false) ?? throw RpcErrors.NotFound(Resource.Image, name);
    }

    /// <summary>The platform of the daemon's machine: that of its snapshotters, or else that of this process.</summary>
    internal async Task<ImagePlatform> DaemonPlatformAsync(CancellationToken cancellationToken)
    {
        if (ns.State.DaemonPlatform is { } known)
            return known;
        var request = new PluginsRequest { Filters = { "type==io.containerd.snapshotter.v1" } };
        var stub = new Introspection.IntrospectionClient(ns.Calls());
        var plugins = (
            await stub.PluginsAsync(request, cancellationToken: cancellationToken).TranslateErrors(Resource.Daemon).ConfigureAwait(false)
        ).Plugins;
        var platform = plugins.Where(p => p.InitErr is null).SelectMany(p => p.Platforms).FirstOrDefault();
        return ns.State.DaemonPlatform = platform is null
            ? ImagePlatform.Host
            : ImagePlatform.Canonical(platform.Os, platform.Architecture, platform.Variant);
    }
}
