namespace Containerd.Client.Transport;

/// <summary>The error ids of a kind that exists for each resource.</summary>
internal static class ResourceErrorIds
{
    /// <summary>The object does not exist.</summary>
    internal static string NotFound(Resource resource) =>
        resource switch
        {
            Resource.Daemon => ErrorIds.DaemonNotFound,
            Resource.Container => ErrorIds.ContainerNotFound,
            Resource.Task => ErrorIds.TaskNotFound,
            Resource.Exec => ErrorIds.ExecNotFound,
            Resource.Image => ErrorIds.ImageNotFound,
            Resource.Snapshot => ErrorIds.SnapshotNotFound,
            Resource.Content => ErrorIds.ContentNotFound,
            Resource.Ingest => ErrorIds.IngestNotFound,
            Resource.Lease => ErrorIds.LeaseNotFound,
            Resource.Namespace => ErrorIds.NamespaceNotFound,
            Resource.Event => ErrorIds.EventNotFound,
            Resource.Plugin => ErrorIds.PluginNotFound,
            Resource.Runtime => ErrorIds.RuntimeNotFound,
            _ => throw new ArgumentOutOfRangeException(nameof(resource)),
        };

    /// <summary>An object with that id already exists.</summary>
    internal static string Exists(Resource resource) =>
        resource switch
        {
            Resource.Daemon => ErrorIds.DaemonExists,
            Resource.Container => ErrorIds.ContainerExists,
            Resource.Task => ErrorIds.TaskExists,
            Resource.Exec => ErrorIds.ExecExists,
            Resource.Image => ErrorIds.ImageExists,
            Resource.Snapshot => ErrorIds.SnapshotExists,
            Resource.Content => ErrorIds.ContentExists,
            Resource.Ingest => ErrorIds.IngestExists,
            Resource.Lease => ErrorIds.LeaseExists,
            Resource.Namespace => ErrorIds.NamespaceExists,
            Resource.Event => ErrorIds.EventExists,
            Resource.Plugin => ErrorIds.PluginExists,
            Resource.Runtime => ErrorIds.RuntimeExists,
            _ => throw new ArgumentOutOfRangeException(nameof(resource)),
        };

    /// <summary>The state of the object does not allow the operation.</summary>
    internal static string Conflict(Resource resource) =>
        resource switch
        {
            Resource.Daemon => ErrorIds.DaemonConflict,
            Resource.Container => ErrorIds.ContainerConflict,
            Resource.Task => ErrorIds.TaskConflict,
            Resource.Exec => ErrorIds.ExecConflict,
            Resource.Image => ErrorIds.ImageConflict,
            Resource.Snapshot => ErrorIds.SnapshotConflict,
            Resource.Content => ErrorIds.ContentConflict,
            Resource.Ingest => ErrorIds.IngestConflict,
            Resource.Lease => ErrorIds.LeaseConflict,
            Resource.Namespace => ErrorIds.NamespaceConflict,
            Resource.Event => ErrorIds.EventConflict,
            Resource.Plugin => ErrorIds.PluginConflict,
            Resource.Runtime => ErrorIds.RuntimeConflict,
            _ => throw new ArgumentOutOfRangeException(nameof(resource)),
        };

    /// <summary>The daemon could not complete the operation.</summary>
    internal static string Failed(Resource resource) =>
        resource switch
        {
            Resource.Daemon => ErrorIds.DaemonFailed,
            Resource.Container => ErrorIds.ContainerFailed,
            Resource.Task => ErrorIds.TaskFailed,
            Resource.Exec => ErrorIds.ExecFailed,
            Resource.Image => ErrorIds.ImageFailed,
            Resource.Snapshot => ErrorIds.SnapshotFailed,
            Resource.Content => ErrorIds.ContentFailed,
            Resource.Ingest => ErrorIds.IngestFailed,
            Resource.Lease => ErrorIds.LeaseFailed,
            Resource.Namespace => ErrorIds.NamespaceFailed,
            Resource.Event => ErrorIds.EventFailed,
            Resource.Plugin => ErrorIds.PluginFailed,
            Resource.Runtime => ErrorIds.RuntimeFailed,
            _ => throw new ArgumentOutOfRangeException(nameof(resource)),
        };
}
