using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The containers of all namespaces of a daemon that use networks or publish ports.</summary>
internal static class NetworkUsers
{
    private const string ServedElsewhere = "another daemon";
    private const string OfAnotherProgram = "another program";

    /// <summary>All containers of the daemon that are attached to a network, or will be when they start.</summary>
    internal static async Task<IReadOnlyList<CtrContainer>> AllAsync(RecordScope ns, CancellationToken cancellationToken)
    {
        var users = new List<CtrContainer>();
        foreach (var name in await ns.Daemon.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false))
        {
            var scope = name == ns.Namespace ? ns : new RecordScope(ns.Connection, name);
            users.AddRange(
                (await scope.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)).Where(c => c.Networks.Length > 0)
            );
        }

        return users;
    }

    /// <summary>
    /// The users of a network, for an error: the containers of this daemon, and those of other daemons and programs that are attached now.
    /// </summary>
    internal static IReadOnlyList<string> Of(string network, NetworkHost host, string inNamespace, IReadOnlyList<CtrContainer> all) =>
        [
            .. all.Where(c => c.Networks.Any(n => n.Network == network))
                .Select(c => c.Namespace == inNamespace ? $"{c}" : $"{c} (namespace {c.Namespace})"),
            .. Elsewhere(network, host.Folders),
            .. OperatingSystem.IsLinux() ? OfOthers(network, host, all) : [],
        ];

    /// <summary>The running containers of other programs, such as the pods of Kubernetes.</summary>
    [SupportedOSPlatform("linux")]
    private static IEnumerable<string> OfOthers(string network, NetworkHost host, IReadOnlyList<CtrContainer> all)
    {
        // nerdctl's are listed above, by their labels.
        var listed = all.Select(c => $"{c.Namespace}-{c.ContainerId}").ToHashSet(StringComparer.Ordinal);
        return OtherAttachments
            .Running(host.Folders.Results, host.Folders, LibcNetworks.NamespaceOf($"{host.Daemon.Pid}"))
            .Where(e => e.Network == network && !listed.Contains(e.ContainerId))
            .Select(e => $"{e.ContainerId} ({OfAnotherProgram})");
    }

    /// <summary>The containers of other daemons that share the folder of the networks.</summary>
    private static IEnumerable<string> Elsewhere(string network, NetworkFolders folders)
    {
        var parent = Path.GetDirectoryName(folders.State)!;
        if (!Directory.Exists(parent))
            yield break;
        foreach (var state in Directory.EnumerateDirectories(parent).Where(state => state != folders.State))
        {
            foreach (var record in AttachmentRecord.ReadAll(folders with { State = state }))
                if (
                    record.Request.Folders.Configuration is [var first, ..]
                    && first == folders.Configuration[0]
                    && record.Request.Networks.Any(n => n.Name == network)
                )
                    yield return $"{record.Request.Container} ({ServedElsewhere})";
        }
    }
}
