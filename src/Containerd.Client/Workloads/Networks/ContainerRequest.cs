using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The request for networks in the spec of an existing container: which containers have one, and how it is replaced.</summary>
[SupportedOSPlatform("linux")]
internal static class ContainerRequest
{
    private const string Annotations = "annotations";

    /// <summary>Reads the request.</summary>
    /// <exception cref="CtrNotSupportedException">
    /// The container has no networks that can be changed (NetworkNotSupported), or its request is from a newer version.
    /// </exception>
    internal static NetworkRequest Require(CtrContainer container, NetworkHost host)
    {
        if (
            container.Spec?.Annotations?.TryGetValue(NetworkRequest.Annotation, out var text) != true
            || container.Spec.Hooks?.Poststop?.Any(NetworkHooks.IsOurs) != true
        )
            throw NotOurs(container);
        var request = NetworkRequest.Read(text!);
        // Any client can copy a spec.
        return request.Container == container.ContainerId && request.Folders.State == host.Folders.State
            ? request
            : throw NotOurs(container);
    }

    /// <summary>
    /// Replaces the request in the spec as it is stored now, and nothing else: other clients may have changed the rest, or have written
    /// data that this one does not know. The caller holds the <see cref="SpecLock"/>.
    /// </summary>
    /// <exception cref="CtrException">It was not stored, or the daemon gave no answer (DaemonTimedOut).</exception>
    internal static async Task ReplaceAsync(RecordScope ns, NetworkRequest request)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await ReplaceAsync(ns, request, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested)
        {
            // The callers undo what they did for any error.
            throw new CtrTimeoutException(
                $"The daemon did not store the networks of container '{request.Container}' within "
                    + $"{BackgroundWork.CleanUpDeadline.TotalSeconds:0} seconds.",
                e
            )
            {
                ErrorId = ErrorIds.DaemonTimedOut,
                Subject = request.Container,
                Remedy = "Check whether containerd is stopped or overloaded (its process, its log), and try again.",
            };
        }
    }

    private static async Task ReplaceAsync(RecordScope ns, NetworkRequest request, CancellationToken cancellationToken)
    {
        var stored = await ns.ContainerRecords.GetWireAsync(request.Container, cancellationToken).ConfigureAwait(false);
        var root = JsonNode.Parse(stored.Spec.Text())!.AsObject();
        if (root[Annotations] is not JsonObject annotations)
            root[Annotations] = annotations = [];
        annotations[NetworkRequest.Annotation] = request.Write();
        await ns
            .ContainerRecords.PutSpecAsync(request.Container, WireAny.Json(stored.Spec.TypeUrl, root.ToJsonString()), cancellationToken)
            .ConfigureAwait(false);
    }

    private static CtrNotSupportedException NotOurs(CtrContainer container) =>
        new($"The networks of container '{container}' cannot be changed: {Why(container)}.")
        {
            ErrorId = ErrorIds.NetworkNotSupported,
            Subject = container.ContainerId,
            RemedyId = "Create",
            Remedy = "Create the container again, with the networks that it is to have.",
        };

    private static string Why(CtrContainer container) =>
        container.Networks switch
        {
            [{ Network: ContainerNetworks.Host }] => "it uses the network of the host",
            [{ Network: var name }] when name.StartsWith(ContainerNetworks.SharedPrefix, StringComparison.Ordinal) =>
                $"it uses the network of container '{name[ContainerNetworks.SharedPrefix.Length..]}'",
            [] => "it was created without a network",
            _ => "another client attached it to its networks",
        };
}
