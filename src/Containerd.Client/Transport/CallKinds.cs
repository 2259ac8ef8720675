using Grpc.Core;
using WireImages = Containerd.Client.Wire.Images;
using WireLeases = Containerd.Client.Wire.Leases;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client.Transport;

/// <summary>The kind of every method that the client may call. A test compares this table with the generated stubs.</summary>
internal static class CallKinds
{
    private const string Prefix = "/containerd.services.";

    // By service and method, without their common prefix.
    private static readonly Dictionary<string, CallKind> Kinds = new(StringComparer.Ordinal)
    {
        ["containers.v1.Containers/Get"] = CallKind.Read,
        ["containers.v1.Containers/List"] = CallKind.Read,
        ["containers.v1.Containers/ListStream"] = CallKind.Read,
        ["containers.v1.Containers/Create"] = CallKind.Change,
        ["containers.v1.Containers/Update"] = CallKind.Change,
        ["containers.v1.Containers/Delete"] = CallKind.Change,

        ["content.v1.Content/Info"] = CallKind.Read,
        ["content.v1.Content/List"] = CallKind.Read,
        ["content.v1.Content/Read"] = CallKind.Read,
        ["content.v1.Content/Status"] = CallKind.Read,
        ["content.v1.Content/ListStatuses"] = CallKind.Read,
        ["content.v1.Content/Update"] = CallKind.Change,
        ["content.v1.Content/Delete"] = CallKind.Change,
        ["content.v1.Content/Abort"] = CallKind.Change,
        // A commit flushes the blob to the disk.
        ["content.v1.Content/Write"] = CallKind.ChangeStream,

        ["diff.v1.Diff/Apply"] = CallKind.SlowChange,
        ["diff.v1.Diff/Diff"] = CallKind.SlowChange,

        ["events.v1.Events/Publish"] = CallKind.Change,
        ["events.v1.Events/Forward"] = CallKind.Change,
        ["events.v1.Events/Subscribe"] = CallKind.Stream,

        ["images.v1.Images/Get"] = CallKind.Read,
        ["images.v1.Images/List"] = CallKind.Read,
        ["images.v1.Images/Create"] = CallKind.Change,
        ["images.v1.Images/Update"] = CallKind.Change,
        ["images.v1.Images/Delete"] = CallKind.Change,

        ["introspection.v1.Introspection/Plugins"] = CallKind.Read,
        ["introspection.v1.Introspection/PluginInfo"] = CallKind.Read,
        ["introspection.v1.Introspection/Server"] = CallKind.Read,

        ["leases.v1.Leases/List"] = CallKind.Read,
        ["leases.v1.Leases/ListResources"] = CallKind.Read,
        ["leases.v1.Leases/Create"] = CallKind.Change,
        ["leases.v1.Leases/Delete"] = CallKind.Change,
        ["leases.v1.Leases/AddResource"] = CallKind.Change,
        ["leases.v1.Leases/DeleteResource"] = CallKind.Change,

        ["namespaces.v1.Namespaces/Get"] = CallKind.Read,
        ["namespaces.v1.Namespaces/List"] = CallKind.Read,
        ["namespaces.v1.Namespaces/Create"] = CallKind.Change,
        ["namespaces.v1.Namespaces/Update"] = CallKind.Change,
        ["namespaces.v1.Namespaces/Delete"] = CallKind.Change,

        ["snapshots.v1.Snapshots/Stat"] = CallKind.Read,
        ["snapshots.v1.Snapshots/List"] = CallKind.Read,
        ["snapshots.v1.Snapshots/Mounts"] = CallKind.Read,
        ["snapshots.v1.Snapshots/Update"] = CallKind.Change,
        // The native snapshotter copies whole trees; overlayfs measures them.
        ["snapshots.v1.Snapshots/Usage"] = CallKind.SlowRead,
        ["snapshots.v1.Snapshots/Prepare"] = CallKind.SlowChange,
        ["snapshots.v1.Snapshots/View"] = CallKind.SlowChange,
        ["snapshots.v1.Snapshots/Commit"] = CallKind.SlowChange,
        ["snapshots.v1.Snapshots/Remove"] = CallKind.SlowChange,
        ["snapshots.v1.Snapshots/Cleanup"] = CallKind.SlowChange,

        ["streaming.v1.Streaming/Stream"] = CallKind.Stream,

        ["tasks.v1.Tasks/Get"] = CallKind.Read,
        ["tasks.v1.Tasks/List"] = CallKind.Read,
        ["tasks.v1.Tasks/ListPids"] = CallKind.Read,
        ["tasks.v1.Tasks/Metrics"] = CallKind.Read,
        ["tasks.v1.Tasks/Exec"] = CallKind.Change,
        ["tasks.v1.Tasks/Kill"] = CallKind.Change,
        ["tasks.v1.Tasks/CloseIO"] = CallKind.Change,
        ["tasks.v1.Tasks/ResizePty"] = CallKind.Change,
        ["tasks.v1.Tasks/Pause"] = CallKind.Change,
        ["tasks.v1.Tasks/Resume"] = CallKind.Change,
        ["tasks.v1.Tasks/Update"] = CallKind.Change,
        // These run hooks, and a deletion waits for processes that still have the output open.
        ["tasks.v1.Tasks/Create"] = CallKind.SlowChange,
        ["tasks.v1.Tasks/Start"] = CallKind.SlowChange,
        ["tasks.v1.Tasks/Delete"] = CallKind.SlowChange,
        ["tasks.v1.Tasks/DeleteProcess"] = CallKind.SlowChange,
        ["tasks.v1.Tasks/Checkpoint"] = CallKind.SlowChange,
        ["tasks.v1.Tasks/Wait"] = CallKind.Stream,

        ["transfer.v1.Transfer/Transfer"] = CallKind.Stream,

        ["version.v1.Version/Version"] = CallKind.Read,
    };

    /// <summary>The methods of the table, as gRPC names them.</summary>
    internal static IEnumerable<string> Methods => Kinds.Keys.Select(name => Prefix + name);

    /// <summary>The kind of a method.</summary>
    internal static CallKind Of(IMethod method) =>
        Kinds.TryGetValue(method.FullName[Prefix.Length..], out var kind)
            ? kind
            : throw new InvalidOperationException($"The table of calls does not contain {method.FullName}.");

    /// <summary>The kind of one call.</summary>
    internal static CallKind Of(IMethod method, object request) =>
        request switch
        {
            // A synchronous deletion waits for the garbage collector.
            WireImages.DeleteImageRequest { Sync: true } or WireLeases.DeleteRequest { Sync: true } => CallKind.SlowChange,
            // An additional process has no hooks.
            WireTasks.StartRequest { ExecId.Length: > 0 } => CallKind.Change,
            _ => Of(method),
        };

    /// <summary>Whether a call of this kind changes something, so that it is never cancelled on the wire.</summary>
    internal static bool IsChange(this CallKind kind) => kind is CallKind.Change or CallKind.SlowChange;
}
