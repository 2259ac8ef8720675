namespace Containerd;

/// <summary>What happened. The first ones are libcontainerd's, about processes; the others are of containerd's further services.</summary>
public enum CtrEventType
{
    /// <summary>An event that this version of the module does not know; its topic says what it is.</summary>
    Unknown,

    /// <summary>A process ended (topic /tasks/exit).</summary>
    Exit,

    /// <summary>The kernel killed a process of the container for want of memory (/tasks/oom).</summary>
    Oom,

    /// <summary>A task was made (/tasks/create).</summary>
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

    /// <summary>A checkpoint of a task was made (/tasks/checkpointed).</summary>
    Checkpointed,

    /// <summary>A container was made (/containers/create).</summary>
    ContainerCreate,

    /// <summary>A container's metadata changed (/containers/update).</summary>
    ContainerUpdate,

    /// <summary>A container was removed (/containers/delete).</summary>
    ContainerDelete,

    /// <summary>An image got a name (/images/create).</summary>
    ImageCreate,

    /// <summary>An image's name points elsewhere, or its labels changed (/images/update).</summary>
    ImageUpdate,

    /// <summary>An image's name was removed (/images/delete).</summary>
    ImageDelete,

    /// <summary>A namespace was made (/namespaces/create).</summary>
    NamespaceCreate,

    /// <summary>A namespace's labels changed (/namespaces/update).</summary>
    NamespaceUpdate,

    /// <summary>A namespace was removed (/namespaces/delete).</summary>
    NamespaceDelete,

    /// <summary>A snapshot was made (/snapshot/prepare).</summary>
    SnapshotPrepare,

    /// <summary>A snapshot was committed (/snapshot/commit).</summary>
    SnapshotCommit,

    /// <summary>A snapshot was removed (/snapshot/remove).</summary>
    SnapshotRemove,

    /// <summary>Content was added to the store (/content/create, from containerd 2.1 on).</summary>
    ContentCreate,

    /// <summary>Content was removed from the store (/content/delete).</summary>
    ContentDelete,
}
