namespace Containerd;

/// <summary>An object that belongs to one container and identifies it to a cmdlet: a container, task, process, exit or event.</summary>
public interface ICtrContainerObject : ICtrObject
{
    /// <summary>The container's id, unique in its namespace.</summary>
    public string ContainerId { get; }
}
