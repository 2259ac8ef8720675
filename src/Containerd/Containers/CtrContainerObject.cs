namespace Containerd;

/// <summary>
/// An object that belongs to one container: the container itself, its task, a process in it, an exit. Any of them names the container to a
/// cmdlet.
/// </summary>
public abstract class CtrContainerObject : CtrObject, ICtrContainerObject
{
    /// <summary>The container's id, unique in its namespace.</summary>
    public string ContainerId { get; set; } = "";
}
