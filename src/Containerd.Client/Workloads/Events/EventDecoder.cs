using System.Globalization;
using Containerd.Client.Transport;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using WireEvents = Containerd.Client.Wire.Events;

namespace Containerd.Client.Workloads.Events;

/// <summary>Converts the content of containerd's envelopes to typed events, by the names of its messages.</summary>
internal static class EventDecoder
{
    private const string LabelPrefix = "label:";

    internal static CtrEvent Decode(string topic, Timestamp? timestamp, Any? content)
    {
        var made = new CtrEvent { Topic = topic, Timestamp = timestamp.Local() ?? DateTime.Now };
        if (content is null)
            return made;
        try
        {
            Fill(made, content);
        }
        catch (InvalidProtocolBufferException e)
        {
            made.Error = $"The event's content cannot be read: {e.Message}";
        }

        return made;
    }

    private static void Fill(CtrEvent made, Any any)
    {
        // Image events are containerd.services.images.v1.ImageCreate or containerd.events.ImageCreate, by version.
        switch (any.TypeUrl[(any.TypeUrl.LastIndexOfAny(['.', '/']) + 1)..])
        {
            case "TaskCreate":
                var create = WireEvents.TaskCreate.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.Create, create.ContainerId, create.ContainerId, create.Pid);
                break;
            case "TaskStart":
                var start = WireEvents.TaskStart.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.Start, start.ContainerId, start.ContainerId, start.Pid);
                break;
            case "TaskExit":
                var exit = WireEvents.TaskExit.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.Exit, exit.ContainerId, exit.Id, exit.Pid);
                Ended(made, exit.ExitStatus, exit.ExitedAt);
                break;
            case "TaskDelete":
                var delete = WireEvents.TaskDelete.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.Delete, delete.ContainerId, delete.Id.Length > 0 ? delete.Id : delete.ContainerId, delete.Pid);
                Ended(made, delete.ExitStatus, delete.ExitedAt);
                break;
            case "TaskOOM":
                Process(made, CtrEventType.Oom, WireEvents.TaskOOM.Parser.ParseFrom(any.Value).ContainerId, "", 0);
                break;
            case "TaskExecAdded":
                var added = WireEvents.TaskExecAdded.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.ExecAdded, added.ContainerId, added.ExecId, 0);
                break;
            case "TaskExecStarted":
                var execStarted = WireEvents.TaskExecStarted.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.ExecStarted, execStarted.ContainerId, execStarted.ExecId, execStarted.Pid);
                break;
            case "TaskPaused":
                Process(made, CtrEventType.Paused, WireEvents.TaskPaused.Parser.ParseFrom(any.Value).ContainerId, "", 0);
                break;
            case "TaskResumed":
                Process(made, CtrEventType.Resumed, WireEvents.TaskResumed.Parser.ParseFrom(any.Value).ContainerId, "", 0);
                break;
            case "TaskCheckpointed":
                var checkpointed = WireEvents.TaskCheckpointed.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.Checkpointed, checkpointed.ContainerId, checkpointed.ContainerId, 0);
                Detail(made, "Checkpoint", checkpointed.Checkpoint);
                break;
            case "ContainerCreate":
                var container = WireEvents.ContainerCreate.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.ContainerCreate, container.Id, "", 0);
                Detail(made, "Image", container.Image);
                Detail(made, "Runtime", container.Runtime?.Name ?? "");
                break;
            case "ContainerUpdate":
                var changed = WireEvents.ContainerUpdate.Parser.ParseFrom(any.Value);
                Process(made, CtrEventType.ContainerUpdate, changed.Id, "", 0);
                Detail(made, "Image", changed.Image);
                Detail(made, "SnapshotKey", changed.SnapshotKey);
                Labels(made, changed.Labels);
                break;
            case "ContainerDelete":
                Process(made, CtrEventType.ContainerDelete, WireEvents.ContainerDelete.Parser.ParseFrom(any.Value).Id, "", 0);
                break;
            case "ImageCreate":
                var image = WireEvents.ImageCreate.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.ImageCreate, image.Name, image.Labels);
                break;
            case "ImageUpdate":
                var renewed = WireEvents.ImageUpdate.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.ImageUpdate, renewed.Name, renewed.Labels);
                break;
            case "ImageDelete":
                Named(made, CtrEventType.ImageDelete, WireEvents.ImageDelete.Parser.ParseFrom(any.Value).Name);
                break;
            case "NamespaceCreate":
                var ns = WireEvents.NamespaceCreate.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.NamespaceCreate, ns.Name, ns.Labels);
                break;
            case "NamespaceUpdate":
                var relabelled = WireEvents.NamespaceUpdate.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.NamespaceUpdate, relabelled.Name, relabelled.Labels);
                break;
            case "NamespaceDelete":
                Named(made, CtrEventType.NamespaceDelete, WireEvents.NamespaceDelete.Parser.ParseFrom(any.Value).Name);
                break;
            case "SnapshotPrepare":
                var prepared = WireEvents.SnapshotPrepare.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.SnapshotPrepare, prepared.Key);
                Detail(made, "Parent", prepared.Parent);
                Detail(made, "Snapshotter", prepared.Snapshotter);
                break;
            case "SnapshotCommit":
                var committed = WireEvents.SnapshotCommit.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.SnapshotCommit, committed.Name);
                Detail(made, "Key", committed.Key);
                Detail(made, "Snapshotter", committed.Snapshotter);
                break;
            case "SnapshotRemove":
                var removed = WireEvents.SnapshotRemove.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.SnapshotRemove, removed.Key);
                Detail(made, "Snapshotter", removed.Snapshotter);
                break;
            case "ContentCreate":
                var content = WireEvents.ContentCreate.Parser.ParseFrom(any.Value);
                Named(made, CtrEventType.ContentCreate, content.Digest);
                Detail(made, "Size", content.Size.ToString(CultureInfo.InvariantCulture));
                break;
            case "ContentDelete":
                Named(made, CtrEventType.ContentDelete, WireEvents.ContentDelete.Parser.ParseFrom(any.Value).Digest);
                break;
        }
    }

    private static void Process(CtrEvent made, CtrEventType type, string containerId, string processId, uint pid)
    {
        made.Type = type;
        made.ContainerId = containerId;
        made.ProcessId = processId;
        made.Pid = (int)pid;
    }

    private static void Ended(CtrEvent made, uint status, Timestamp? at)
    {
        made.ExitCode = unchecked((int)status);
        made.ExitedAt = at.Local();
    }

    private static void Named(CtrEvent made, CtrEventType type, string name, MapField<string, string>? labels = null)
    {
        made.Type = type;
        made.Name = name;
        Labels(made, labels);
    }

    private static void Labels(CtrEvent made, MapField<string, string>? labels)
    {
        foreach (var (key, value) in labels ?? [])
            made.Details[LabelPrefix + key] = value;
    }

    /// <summary>The labels in an event.</summary>
    internal static IReadOnlyDictionary<string, string> LabelsOf(CtrEvent happened) =>
        happened
            .Details.Where(d => d.Key.StartsWith(LabelPrefix, StringComparison.Ordinal))
            .ToDictionary(d => d.Key[LabelPrefix.Length..], d => d.Value, StringComparer.Ordinal);

    private static void Detail(CtrEvent made, string key, string value)
    {
        if (value.Length > 0)
            made.Details[key] = value;
    }
}
