namespace Containerd.Host.Networks.Requests;

/// <summary>The time limits of the helper program.</summary>
internal static class NetworkLimits
{
    /// <summary>How long one plugin may take.</summary>
    internal static readonly TimeSpan Plugin = TimeSpan.FromSeconds(30);

    /// <summary>How long the wait for the lock may take: other containers of the daemon that start or stop at the same time.</summary>
    internal static readonly TimeSpan Lock = TimeSpan.FromSeconds(60);

    /// <summary>How long all plugins of one start may take together.</summary>
    internal static readonly TimeSpan Attach = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the start of a name server, and its first answers to a container in all its networks, may take together. A change waits
    /// with the lock, so other containers wait, too.
    /// </summary>
    internal static readonly TimeSpan NameServer = TimeSpan.FromSeconds(5);

    /// <summary>How long undoing all that may take.</summary>
    internal static readonly TimeSpan Detach = TimeSpan.FromSeconds(60);
}
