using Containerd.Client.Transport;

namespace Containerd.Client.Daemon;

/// <summary>The services of a daemon that do not depend on a namespace.</summary>
internal sealed class DaemonServices
{
    internal DaemonServices(DaemonConnection connection)
    {
        Namespaces = new NamespaceRecords(connection);
        Plugins = new PluginService(connection);
        Runtimes = new RuntimeService(connection, Namespaces);
    }

    /// <summary>The namespaces and their labels.</summary>
    internal NamespaceRecords Namespaces { get; }

    /// <summary>The plugins.</summary>
    internal PluginService Plugins { get; }

    /// <summary>The runtimes.</summary>
    internal RuntimeService Runtimes { get; }
}
