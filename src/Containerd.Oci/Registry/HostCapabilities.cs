namespace Containerd.Oci.Registry;

/// <summary>The capabilities of a host in hosts.toml.</summary>
[Flags]
internal enum HostCapabilities
{
    None = 0,

    /// <summary>Content by its digest.</summary>
    Pull = 1,

    /// <summary>Resolving a tag to a digest, which requires trust.</summary>
    Resolve = 2,

    /// <summary>Taking new content.</summary>
    Push = 4,

    All = Pull | Resolve | Push,
}
