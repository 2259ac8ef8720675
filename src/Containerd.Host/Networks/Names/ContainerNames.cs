using System.Runtime.Versioning;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// The names of containers, in whatever way a network resolves them: the hosts files, the name server, and the files resolv.conf. The
/// caller holds the lock.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ContainerNames
{
    /// <summary>Adds a container that was attached.</summary>
    internal static void Add(AttachmentRecord container)
    {
        Serve(container, container.Networks, new TimeBudget(NetworkLimits.NameServer));
        WriteResolver(container, container.Networks);
        HostsFiles.Add(container);
    }

    /// <summary>Makes the name server answer for a container, as it is to be.</summary>
    /// <param name="container">The container.</param>
    /// <param name="networks">Those of its networks that are new.</param>
    /// <param name="budget">The time for it.</param>
    /// <exception cref="CtrException">It cannot, and why.</exception>
    internal static void Serve(AttachmentRecord container, IEnumerable<AttachedNetwork> networks, TimeBudget budget)
    {
        var served = WithNameServers(networks);
        if (served.Count > 0)
            new NameServer(container.Request.Folders).Serve(container, served, budget);
    }

    /// <summary>Waits until the name server answers a container: the first name that the container looks up is found.</summary>
    /// <param name="container">The container.</param>
    /// <param name="networks">Those of its networks that are new.</param>
    /// <param name="budget">The time for it.</param>
    /// <exception cref="CtrException">It does not, and why.</exception>
    internal static void RequireAnswers(AttachmentRecord container, IEnumerable<AttachedNetwork> networks, TimeBudget budget)
    {
        foreach (var network in WithNameServers(networks))
        {
            if (NameAnswers.Missing(container, network, budget) is { } address)
                throw new NameServer(container.Request.Folders).IsRunning
                    ? NameServerErrors.Unreachable(network.Name, address)
                    : NameServerErrors.Stopped(network.Name);
        }
    }

    /// <summary>Writes the names again after a container was connected to further networks, or disconnected from some.</summary>
    /// <param name="container">The container.</param>
    /// <param name="former">The container before.</param>
    internal static void Change(AttachmentRecord container, AttachmentRecord former)
    {
        new NameServer(container.Request.Folders).Refresh();
        WriteResolver(container, container.Networks);
        HostsFiles.Change(container, former);
    }

    /// <summary>Removes a container that was detached, whose record no longer exists.</summary>
    internal static void Remove(AttachmentRecord container)
    {
        new NameServer(container.Request.Folders).Refresh();
        WriteResolver(container, []);
        HostsFiles.Remove(container);
    }

    private static List<AttachedNetwork> WithNameServers(IEnumerable<AttachedNetwork> networks) =>
        [.. networks.Where(n => n.NameServers.Count > 0)];

    /// <summary>Those of internal networks come last: they know no other names.</summary>
    private static void WriteResolver(AttachmentRecord container, IReadOnlyList<AttachedNetwork> networks)
    {
        if (container.Request.Files.ResolvConf is { } file)
            MountedFile.Change(file, text =>
                ResolverFile.Replace(text, [.. networks.OrderBy(n => n.IsInternal).SelectMany(n => n.NameServers)])
            );
    }
}
