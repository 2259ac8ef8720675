using System.Runtime.Versioning;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>Keeps the hosts files of the containers of a daemon up to date, also of those that started earlier.</summary>
[SupportedOSPlatform("linux")]
internal static class HostsFiles
{
    /// <summary>Writes the names of a container that was attached, and those that it can reach.</summary>
    internal static void Add(AttachmentRecord container)
    {
        var all = AttachmentRecord.ReadAll(container.Request.Folders);
        Write(container, all);
        WritePeers(container, all);
    }

    /// <summary>Removes the names of a container that was detached, whose record no longer exists.</summary>
    internal static void Remove(AttachmentRecord container)
    {
        if (container.Request.Files.Hosts is { } own)
            HostsFile.Update(own, HostsFile.Lines(container.Request));
        WritePeers(container, AttachmentRecord.ReadAll(container.Request.Folders));
    }

    /// <summary>Writes the names again after a container was connected to further networks, or disconnected from some.</summary>
    /// <param name="container">The container.</param>
    /// <param name="former">The container before.</param>
    internal static void Change(AttachmentRecord container, AttachmentRecord former)
    {
        var all = AttachmentRecord.ReadAll(container.Request.Folders);
        Write(container, all);
        var networks = container.Request.Networks.UnionBy(former.Request.Networks, n => n.Name);
        WritePeers(container with { Request = container.Request with { Networks = [.. networks] } }, all);
    }

    private static void WritePeers(AttachmentRecord container, IReadOnlyList<AttachmentRecord> all)
    {
        foreach (var other in all)
        {
            if (
                other.Request.Attachment != container.Request.Attachment
                && other.Request.Namespace == container.Request.Namespace
                && other.Request.Networks.Any(n => container.Request.Networks.Any(m => m.Name == n.Name))
                && other.Complete
                && other.IsAlive()
            )
                Write(other, all);
        }
    }

    private static void Write(AttachmentRecord container, IReadOnlyList<AttachmentRecord> all)
    {
        if (container.Request.Files.Hosts is { } file)
            HostsFile.Update(file, HostsFile.Lines(container, all));
    }
}
