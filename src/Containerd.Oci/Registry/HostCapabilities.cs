namespace Containerd.Oci.Registry;

/// <summary>What a host may be asked for, in the words of hosts.toml.</summary>
[Flags]
internal enum HostCapabilities
{
    None = 0,

    /// <summary>Content by its digest.</summary>
    Pull = 1,

    /// <summary>Which digest a tag stands for, which has to be believed.</summary>
    Resolve = 2,

    /// <summary>Taking new content.</summary>
    Push = 4,

    All = Pull | Resolve | Push,
}
