using System.Net;
using System.Runtime.Versioning;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// The names of containers, in whatever way a network resolves them: the hosts files, the name server, and the files resolv.conf. The
/// caller holds the lock.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ContainerNames
{
    private const int Step = 50;

    // Longer than a loaded host delays an answer, and short enough for several attempts.
    private const int AnswerPatience = 1000;

    /// <summary>Adds a container that was attached.</summary>
    internal static void Add(AttachmentRecord container)
    {
        Serve(container);
        WriteResolver(container, container.Networks);
        HostsFiles.Add(container);
    }

    /// <summary>
    /// Makes the name server answer for a container, as it is to be, and waits for the answer: the first name that the container looks up
    /// is found.
    /// </summary>
    /// <exception cref="CtrException">It does not, and why.</exception>
    internal static void Serve(AttachmentRecord container)
    {
        if (!NameServer.IsUsedBy(container))
            return;
        var server = new NameServer(container.Request.Folders);
        server.Serve(container);
        foreach (var network in container.Networks.Where(n => n.NameServers.Count > 0))
        {
            if (Unanswered(container, network, NetworkLimits.NameServer) is { } address)
                throw server.IsRunning ? Unreachable(network.Name, address) : Stopped(network.Name);
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

    /// <summary>The first address of a network's name server that does not answer a container; null if all do.</summary>
    internal static string? Unanswered(AttachmentRecord container, AttachedNetwork network, TimeSpan limit)
    {
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        var pin = container.Request.Folders.PinOf(container.Request.Attachment);
        // The id first: others may have the same alias, and answer before the server has read the file again.
        var name = container.NamesIn(network.Name).Prepend(container.Request.Container).FirstOrDefault(NameQuery.IsName);
        var hasV6 = network.Addresses.All(a => a.Contains(':', StringComparison.Ordinal));
        foreach (var address in network.NameServers)
        {
            // A name that DNS does not allow can only be asked for in vain.
            while (!(NameQuery.Ask(pin, IPAddress.Parse(address), name ?? "localhost", hasV6, AnswerPatience) > (name is null ? -1 : 0)))
            {
                if (Environment.TickCount64 >= end)
                    return address;
                Thread.Sleep(Step);
            }
        }

        return null;
    }

    /// <summary>The error for a name server that does not answer.</summary>
    internal static CtrRuntimeException Unreachable(string network, string address) =>
        new($"The name server of the network '{network}' at {address} does not answer its containers.")
        {
            ErrorId = ErrorIds.NameServerUnreachable,
            Subject = network,
            Remedy = "Allow packets of the network's bridge to port 53 of the host in the firewall of the host, for UDP and TCP.",
        };

    private static CtrRuntimeException Stopped(string network) =>
        new($"The name server of the network '{network}' stopped right after its start.")
        {
            ErrorId = ErrorIds.NameServerFailed,
            Subject = network,
            Remedy = "Check the program aardvark-dns on the daemon's host, or resolve names by hosts files.",
        };

    /// <summary>Those of internal networks come last: they know no other names.</summary>
    private static void WriteResolver(AttachmentRecord container, IReadOnlyList<AttachedNetwork> networks)
    {
        if (container.Request.Files.ResolvConf is { } file)
            MountedFile.Change(file, text =>
                ResolverFile.Replace(text, [.. networks.OrderBy(n => n.IsInternal).SelectMany(n => n.NameServers)])
            );
    }
}
