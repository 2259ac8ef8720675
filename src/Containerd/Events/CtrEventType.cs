namespace Containerd;

/// <summary>
/// The type of an event. The first ones are libcontainerd's, about processes; the others come from other services of containerd.
/// </summary>
public enum CtrEventType
{
    /// <summary>An event that this version of the module does not know; see its topic.</summary>
    Unknown,

    /// <summary>A process exited (topic /tasks/exit).</summary>
    Exit,

    /// <summary>The kernel killed a process of the container because memory ran out (/tasks/oom).</summary>
    Oom,

    /// <summary>A task was created (/tasks/create).</summary>
    Create,

    /// <summary>A task was started (/tasks/start).</summary>
    Start,

    /// <summary>An exec was added to a task (/tasks/exec-added).</summary>
    ExecAdded,

    /// <summary>An exec's process was started (/tasks/exec-started).</summary>
    ExecStarted,

    /// <summary>A task was paused (/tasks/paused).</summary>
    Paused,

    /// <summary>A task was resumed (/tasks/resumed).</summary>
    Resumed,

    /// <summary>A task, or an exec, was deleted (/tasks/delete).</summary>
    Delete,

    /// <summary>A checkpoint of a task was created (/tasks/checkpointed).</summary>
    Checkpointed,

    /// <summary>A container was created (/containers/create).</summary>
    ContainerCreate,

    /// <summary>A container's metadata changed (/containers/update).</summary>
    ContainerUpdate,

    /// <summary>A container was removed (/containers/delete).</summary>
    ContainerDelete,

    /// <summary>A name of an image was created (/images/create).</summary>
    ImageCreate,

    /// <summary>A name of an image refers to another digest, or its labels changed (/images/update).</summary>
    ImageUpdate,

    /// <summary>A name of an image was removed (/images/delete).</summary>
    ImageDelete,

    /// <summary>A namespace was created (/namespaces/create).</summary>
    NamespaceCreate,

    /// <summary>A namespace's labels changed (/namespaces/update).</summary>
    NamespaceUpdate,

    /// <summary>A namespace was removed (/namespaces/delete).</summary>
    NamespaceDelete,

    /// <summary>A snapshot was created (/snapshot/prepare).</summary>
    SnapshotPrepare,

    /// <summary>A snapshot was committed (/snapshot/commit).</summary>
    SnapshotCommit,

    /// <summary>A snapshot was removed (/snapshot/remove).</summary>
    SnapshotRemove,

    /// <summary>Content was added to the store (/content/create, containerd 2.1 and later).</summary>
    ContentCreate,

    /// <summary>Content was removed from the store (/content/delete).</summary>
    ContentDelete,
}
