using System.Runtime.Versioning;
using Containerd.Client.Daemon;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Logs;
using Containerd.Host.Native;
using Containerd.Host.Networks.Files;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>Prepares the networks of new containers.</summary>
internal sealed class ContainerNetworking(RecordScope ns)
{
    private const string What = "Containers can be attached to networks";
    private const string BinaryName = "binaryName";

    private static readonly string[] Runtimes = ["runc", "crun"];

    /// <summary>Rejects what cannot work and prepares the rest; nothing is created but the default network.</summary>
    /// <param name="containerId">The container's id.</param>
    /// <param name="name">Its name; null for none.</param>
    /// <param name="choice">The caller's choice.</param>
    /// <param name="runtime">The runtime, as containerd stores it.</param>
    /// <param name="warnings">Receives warnings; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What the container needs; null if it needs nothing.</returns>
    internal async Task<NetworkSetup?> PrepareAsync(
        string containerId,
        string? name,
        NetworkChoice choice,
        Wire.Containers.Container.Types.Runtime runtime,
        IProgress<string>? warnings,
        CancellationToken cancellationToken
    )
    {
        if (choice.Options.IsEmpty)
            return null;
        if (choice.Mode is NetworkMode.Loopback or NetworkMode.Host && !choice.Options.NeedsFiles)
            return new NetworkSetup { Mode = choice.Mode };
        ns.Connection.RequireHost(What);
        if (!OperatingSystem.IsLinux())
            return null;
        if (choice.Mode == NetworkMode.Shared)
            return await ShareAsync(choice.SharedWith, cancellationToken).ConfigureAwait(false);
        var host = await NetworkHost.FindAsync(ns, What, cancellationToken).ConfigureAwait(false);
        if (choice.Mode != NetworkMode.Attached)
            return new NetworkSetup { Mode = choice.Mode, WriteFiles = Files(containerId, choice, host, hasV6: true, warnings) };
        RequireRuntime(runtime);
        var (root, folder) = new StateFolders(ns.Connection).Helper;
        var program = await Task.Run(() => LogHelper.Install(root, folder), cancellationToken).ConfigureAwait(false);
        var planned = await new NetworkPlanner(ns, host)
            .PlanAsync(containerId, name, choice, warnings, cancellationToken)
            .ConfigureAwait(false);
        return new NetworkSetup
        {
            Mode = choice.Mode,
            Program = program,
            Request = planned.Request,
            WriteFiles = Files(containerId, choice, host, planned.HasV6, planned.HasNameServer ? null : warnings),
        };
    }

    /// <summary>Removes the files of a container.</summary>
    internal void Remove(CtrContainer container)
    {
        if (!ns.Connection.Address.IsLocal || !OperatingSystem.IsLinux())
            return;
        new NetworkFiles(ns.Connection).Remove(ns.Namespace, container.ContainerId, container.Spec);
        // Any client can store any request in a spec.
        if (
            ContainerNetworks.RequestOf(container.Spec) is { } request
            && request.Container == container.ContainerId
            && request.Folders.State == NetworkFolders.StateOf(ns.Connection.Uuid)
        )
            LibcFiles.Delete(request.Folders.EndedOf(request.Attachment));
    }

    /// <summary>
    /// Other runtimes do not give a hook the network namespace of the container: a virtual machine has its own, and gVisor does not use
    /// that of the kernel.
    /// </summary>
    private static void RequireRuntime(Wire.Containers.Container.Types.Runtime runtime)
    {
        var name = runtime.Name;
        if (name == RuntimeChoice.Runc)
        {
            var binary = RuntimeChoice.Read(runtime.Options).TryGetValue(BinaryName, out var path) && path.Length > 0 ? path : Runtimes[0];
            if (Runtimes.Any(known => Path.GetFileName(binary).Contains(known, StringComparison.Ordinal)))
                return;
            name = binary;
        }

        throw new CtrNotSupportedException($"A container of the runtime '{name}' cannot be attached to networks, only one of runc or crun.")
        {
            ErrorId = ErrorIds.NetworkNotSupported,
            Subject = name,
            RemedyId = "Runtime",
            Remedy = "Use runc or crun as the runtime, or the network of the host.",
        };
    }

    private async Task<NetworkSetup> ShareAsync(string id, CancellationToken cancellationToken)
    {
        var other = await ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
        string[] files = ["/etc/hosts", "/etc/resolv.conf"];
        return new NetworkSetup
        {
            Mode = NetworkMode.Shared,
            Shared = (other.ContainerId, [.. (other.Spec?.Mounts ?? []).Where(m => m.Type == "bind" && files.Contains(m.Destination))]),
        };
    }

    [SupportedOSPlatform("linux")]
    private Func<CtrSpec, RequestedFiles> Files(
        string containerId,
        NetworkChoice choice,
        NetworkHost host,
        bool hasV6,
        IProgress<string>? warnings
    ) =>
        spec =>
        {
            var root = FormattableString.Invariant($"/proc/{host.Daemon.Pid}/root");
            var own = ResolvConf.OfHost(root);
            var resolver = choice.Mode == NetworkMode.Host ? own : own.ForContainer(hasV6);
            var options = choice.Options;
            resolver = new ResolvConf
            {
                Servers = options.DnsServers.Count > 0 ? options.DnsServers : resolver.Servers,
                // A dot stands for none.
                SearchDomains = options.DnsSearch.Count > 0 ? [.. options.DnsSearch.Where(d => d != ".")] : resolver.SearchDomains,
                ResolverOptions = options.DnsOptions.Count > 0 ? options.DnsOptions : resolver.ResolverOptions,
            };
            if (resolver.Servers.Count == 0)
                warnings?.Report(
                    $"The container '{containerId}' has no name servers: "
                        + (
                            own.Servers.Count == 0
                                ? "the host has none"
                                : $"those of the host ({string.Join(", ", own.Servers)}) cannot be reached from it"
                        )
                        + ". Names of other hosts cannot be resolved unless name servers are specified for it."
                );
            return new NetworkFiles(ns.Connection).Write(
                ns.Namespace,
                containerId,
                spec,
                new NetworkFileContent(Hosts(choice, root), resolver)
            );
        };

    /// <summary>The hosts file; the helper program completes that of an attached container.</summary>
    [SupportedOSPlatform("linux")]
    private static string Hosts(NetworkChoice choice, string root)
    {
        if (choice.Mode == NetworkMode.Attached)
            return HostsFile.Create([]);
        // In the network of the host, the host is at the loopback address.
        var lines = choice.Options.HostEntries.Select(e =>
            $"{(e.Address == CtrHostEntry.HostGateway ? "127.0.0.1" : e.Address)}\t{e.Name}"
        );
        var path = Path.Combine(root, "etc/hosts");
        return choice.Mode == NetworkMode.Host && File.Exists(path)
            ? HostsFile.Replace(File.ReadAllText(path), lines)
            : HostsFile.Create(lines);
    }
}
