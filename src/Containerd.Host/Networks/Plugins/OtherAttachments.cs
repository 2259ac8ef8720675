using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Plugins;

/// <summary>The attachments of other programs that use CNI, such as nerdctl and Kubernetes, by libcni's cache.</summary>
[SupportedOSPlatform("linux")]
internal static class OtherAttachments
{
    /// <summary>The attachments in a folder of libcni's cache whose container runs.</summary>
    /// <param name="results">The folder.</param>
    /// <param name="folders">The folders of a daemon: attachments of this module are left out, whichever daemon has them.</param>
    /// <param name="host">The network namespace of the host, as <see cref="LibcNetworks.NamespaceOf"/> gives it.</param>
    internal static IEnumerable<CniCacheEntry> Running(string results, NetworkFolders folders, string? host)
    {
        var own = Path.GetDirectoryName(folders.State)! + "/";
        return CniCacheEntry.ReadAll(results).Where(e => !e.Netns.StartsWith(own, StringComparison.Ordinal) && Exists(e.Netns, host));
    }

    private static bool Exists(string netns, string? host)
    {
        const string Process = "/proc/";
        // After the end of a container, its process id may be that of a process of the host.
        return netns.StartsWith(Process, StringComparison.Ordinal)
            ? netns[Process.Length..].Split('/')[0] is var pid && LibcNetworks.NamespaceOf(pid) is { } found && found != host
            : LibcNetworks.IsNamespace(netns);
    }
}
