using Containerd.Client.Records;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// What a new container needs for its network: changes of its spec, and labels. It is prepared before anything is created, and applied when
/// the spec is complete.
/// </summary>
internal sealed class NetworkSetup
{
    private const int LongestLabel = 4096;
    private const string Network = "network";

    private RequestedFiles? _written;

    /// <summary>The kind of network.</summary>
    internal required NetworkMode Mode { get; init; }

    /// <summary>The request for the helper program; null without networks.</summary>
    internal NetworkRequest? Request { get; init; }

    /// <summary>The installed helper program.</summary>
    internal string Program { get; init; } = "";

    /// <summary>Writes the files; null if the container keeps its own.</summary>
    internal Func<CtrSpec, RequestedFiles>? WriteFiles { get; init; }

    /// <summary>The container whose network is used, and the mounts of its files.</summary>
    internal (string Id, IReadOnlyList<CtrSpecMount> Mounts)? Shared { get; init; }

    /// <summary>The labels for the container.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Labels
    {
        get
        {
            if (Shared is { } shared)
                yield return new(ContainerNetworks.SharedLabel, shared.Id);
            if (
                Request is { Ports.Count: > 0 }
                && ContainerNetworks.WritePorts(Request.Ports) is var ports
                && Fits(ContainerNetworks.PortLabel, ports)
            )
                yield return new(ContainerNetworks.PortLabel, ports);
        }
    }

    /// <summary>Whether containerd accepts a label.</summary>
    internal static bool Fits(string key, string value) => key.Length + value.Length <= LongestLabel;

    /// <summary>Changes a spec that belongs to the container alone.</summary>
    internal void Apply(CtrSpec spec)
    {
        if (WriteFiles is not null)
        {
            _written = WriteFiles(spec);
            // Nothing else is a mount of the host's own files but the default of a container in the network of the host.
            Add(spec, NetworkFiles.Mounts(_written), replaces: mount => mount.Source == mount.Destination);
        }

        // A full spec may have any.
        if (Mode == NetworkMode.Host)
            RemoveNamespace(spec);
        else
            SetNamespace(spec, Shared is null ? null : NamespaceOf(0));
        if (Shared is { } shared)
            Add(spec, shared.Mounts, replaces: _ => false);
        if (Request is null)
            return;
        var has = (spec.Mounts ?? []).Select(m => m.Source).ToHashSet();
        var files = _written ?? new RequestedFiles();
        spec.Annotations ??= [];
        // A file that a mount of the caller replaces is not the container's.
        spec.Annotations[NetworkRequest.Annotation] = (
            Request with
            {
                Hostname = spec.Hostname,
                Files = new RequestedFiles
                {
                    Hosts = has.Contains(files.Hosts) ? files.Hosts : null,
                    Hostname = has.Contains(files.Hostname) ? files.Hostname : null,
                    ResolvConf = has.Contains(files.ResolvConf) ? files.ResolvConf : null,
                },
            }
        ).Write();
        spec.Hooks ??= new CtrSpecHooks();
        // The hooks of the caller find the network in both.
        spec.Hooks.CreateRuntime = [NetworkHooks.Create(Program), .. spec.Hooks.CreateRuntime ?? []];
        spec.Hooks.Poststop = [.. spec.Hooks.Poststop ?? [], NetworkHooks.Remove(Program)];
    }

    /// <summary>Removes the files that were written for a container which was not created.</summary>
    internal void Discard()
    {
        if (_written is not null && OperatingSystem.IsLinux())
            NetworkFiles.Remove(_written);
    }

    /// <summary>The network namespace of a process.</summary>
    internal static string NamespaceOf(int pid) => FormattableString.Invariant($"/proc/{pid}/ns/net");

    /// <summary>Sets the path of a spec's network namespace.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="path">The path; null for a new namespace.</param>
    internal static void SetNamespace(CtrSpec spec, string? path)
    {
        RemoveNamespace(spec);
        spec.Linux!.Namespaces = [.. spec.Linux.Namespaces ?? [], new CtrSpecNamespace { Type = Network, Path = path }];
    }

    private static void RemoveNamespace(CtrSpec spec)
    {
        spec.Linux ??= new CtrSpecLinux();
        spec.Linux.Namespaces = [.. (spec.Linux.Namespaces ?? []).Where(ns => ns.Type != Network)];
    }

    private static void Add(CtrSpec spec, IEnumerable<CtrSpecMount> mounts, Func<CtrSpecMount, bool> replaces)
    {
        var all = (spec.Mounts ?? []).ToList();
        foreach (var mount in mounts)
        {
            var index = all.FindIndex(other => other.Destination.TrimEnd('/') == mount.Destination);
            if (index < 0)
                all.Add(mount);
            else if (replaces(all[index]))
                all[index] = mount;
        }

        spec.Mounts = [.. all];
    }
}
