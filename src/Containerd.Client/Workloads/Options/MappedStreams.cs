using Containerd.Client.Daemon;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using WireRunc = Containerd.Client.Wire.Runc;

namespace Containerd.Client.Workloads.Options;

/// <summary>
/// Makes the shim give the standard streams of a task to the root of its user namespace, which otherwise could not open <c>/dev/stdout</c>.
/// The options of a task replace those of its container, so they are those of the container plus this.
/// </summary>
internal static class MappedStreams
{
    /// <summary>The options to create a task with.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="container">The container.</param>
    /// <param name="options">The options without this; null for the container's own.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The options; null for the container's own.</returns>
    internal static async Task<Any?> OptionsAsync(RecordScope ns, CtrContainer container, Any? options, CancellationToken cancellationToken)
    {
        if (container.Runtime != RuntimeChoice.Runc || RootOf(container.Spec) is not { } root)
            return options;
        options ??= (await ns.ContainerRecords.GetWireAsync(container.ContainerId, cancellationToken).ConfigureAwait(false))
            .Runtime
            ?.Options;
        var message = new WireRunc.Options();
        try
        {
            if (options is { Value.IsEmpty: false })
                message = WireRunc.Options.Parser.ParseFrom(options.Value);
        }
        catch (InvalidProtocolBufferException)
        {
            return options;
        }

        // A value from the caller is kept.
        if (message.IoUid == 0 && message.IoGid == 0)
            (message.IoUid, message.IoGid) = root;
        return WireAny.Pack(message);
    }

    /// <summary>The host's ids of the root of a container's user namespace; null for a container without one.</summary>
    /// <param name="spec">The spec of the container.</param>
    internal static (uint Uid, uint Gid)? RootOf(CtrSpec? spec)
    {
        try
        {
            return IdMapping.Of(spec) is { } mapping ? (mapping.RootUid, mapping.RootGid) : null;
        }
        catch (CtrArgumentException)
        {
            // Any client may store any spec; the runtime decides about this one.
            return null;
        }
    }
}
