namespace Containerd;

/// <summary>What a bind mount does with the mounts below its source.</summary>
public enum CtrBindRecursion
{
    /// <summary>They are mounted too. If the mount is read-only, they are read-only where the kernel and the runtime can do that.</summary>
    Enabled,

    /// <summary>They are not mounted.</summary>
    Disabled,

    /// <summary>They are mounted, and keep their access: a read-only mount has writable mounts in it.</summary>
    Writable,

    /// <summary>They are mounted and read-only; it is an error if the kernel or the runtime cannot do that.</summary>
    ReadOnly,
}
