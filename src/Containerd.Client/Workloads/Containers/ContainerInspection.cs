using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;

namespace Containerd.Client.Workloads.Containers;

/// <summary>Reads the details of containers: their specs, tasks, images and output files.</summary>
internal sealed class ContainerInspection(ImageScope ns, TaskIndex tasks)
{
    /// <summary>The file systems that every container has.</summary>
    private static readonly HashSet<string> Common =
    [
        "/proc",
        "/dev",
        "/dev/pts",
        "/dev/shm",
        "/dev/mqueue",
        "/sys",
        "/sys/fs/cgroup",
        "/run",
    ];

    private readonly Dictionary<string, string> _digests = new(StringComparer.Ordinal);

    /// <summary>The details of a container.</summary>
    internal async Task<CtrContainerDetails> OfAsync(CtrContainer container, CancellationToken cancellationToken)
    {
        var details = new CtrContainerDetails
        {
            Task = tasks.Find(container.ContainerId),
            ImageDigest = await DigestAsync(container.Image, cancellationToken).ConfigureAwait(false),
            StopSignal = container.Labels.GetValueOrDefault(ContainerLabels.StopSignal, ""),
            LogPath = LogFilesOf(container),
        };
        details.Pid = details.Task is { Pid: > 0, Status: not CtrStatus.Stopped } task ? task.Pid : null;
        if (container.Spec is { } spec)
            Add(details, container, spec);
        return details;
    }

    private void Add(CtrContainerDetails details, CtrContainer container, CtrSpec spec)
    {
        details.Hostname = spec.Hostname ?? "";
        details.ReadOnly = spec.Root?.Readonly == true;
        details.Annotations = spec.Annotations ?? [];
        details.Mounts = [.. (spec.Mounts ?? []).Where(m => !IsCommon(m)).Select(m => Convert(m, container.Namespace))];
        if (spec.Process is { } process)
            Add(details, process);
        if (spec.Linux is { } linux)
            Add(details, linux);
    }

    private static void Add(CtrContainerDetails details, CtrSpecProcess process)
    {
        details.User = process.User?.ToString() ?? "";
        details.WorkingDirectory = process.Cwd;
        details.Terminal = process.Terminal;
        details.NoNewPrivileges = process.NoNewPrivileges;
        details.ApparmorProfile = process.ApparmorProfile ?? "";
        details.Capabilities = process.Capabilities?.Bounding ?? [];
        details.Ulimits = process.Rlimits ?? [];
        foreach (var variable in process.Env ?? [])
        {
            var parts = variable.Split('=', 2);
            details.Environment[parts[0]] = parts.ElementAtOrDefault(1) ?? "";
        }
    }

    private static void Add(CtrContainerDetails details, CtrSpecLinux linux)
    {
        details.CgroupsPath = linux.CgroupsPath ?? "";
        details.Seccomp = linux.Seccomp is not null;
        details.Devices = linux.Devices ?? [];
        details.Sysctls = linux.Sysctl ?? [];
        foreach (var space in linux.Namespaces ?? [])
            details.Namespaces[space.Type] = space.Path is { Length: > 0 } path ? path : "private";
        var limits = linux.Resources;
        details.MemoryLimit = Limit(limits?.Memory?.Limit);
        details.PidsLimit = Limit(limits?.Pids?.Limit);
        details.CpuShares = (long?)limits?.Cpu?.Shares;
        details.CpusetCpus = limits?.Cpu?.Cpus ?? "";
        if (limits?.Cpu is { Quota: > 0 and var quota, Period: > 0 and var period })
            details.Cpu = Math.Round((double)quota / (double)period, 3);
    }

    // A limit that is not positive is none.
    private static long? Limit(long? value) => value > 0 ? value : null;

    private static bool IsCommon(CtrSpecMount mount) => mount.Type is not ("bind" or "none" or null) && Common.Contains(mount.Destination);

    private CtrContainerMount Convert(CtrSpecMount mount, string? inNamespace)
    {
        var volume = VolumePaths.Find(new StateFolders(ns.Connection).Volumes.Root, mount.Source ?? "");
        var options = mount.Options ?? [];
        return new()
        {
            Type =
                volume is not null ? "volume"
                : Array.Exists(options, option => option is "bind" or "rbind") ? "bind"
                : mount.Type ?? "",
            Name =
                volume is not { } found ? ""
                : found.Namespace == inNamespace ? found.Name
                : $"{found.Namespace}/{found.Name}",
            Source = mount.Source ?? "",
            Destination = mount.Destination,
            ReadOnly = Array.Exists(options, option => option is "ro" or "rro"),
            Options = options,
        };
    }

    private async Task<string> DigestAsync(string image, CancellationToken cancellationToken)
    {
        if (image.Length == 0)
            return "";
        if (!_digests.TryGetValue(image, out var digest))
        {
            var found = await ns.ImageRecords.TryGetAsync(image, cancellationToken).ConfigureAwait(false);
            _digests[image] = digest = found?.Target?.Digest ?? "";
        }

        return digest;
    }

    private string[] LogFilesOf(CtrContainer container)
    {
        var folders = new LogFolders(ns);
        if (!folders.AreLocal || LogStart.In(folders.Of(container)) is not [.., var last])
            return [];
        return last.Records is { } records
            ?
            [
                .. Directory
                    .EnumerateFiles(Path.GetDirectoryName(records)!, Path.GetFileName(records) + ".*.log")
                    .Order(StringComparer.Ordinal),
            ]
            : [.. last.Plain(null).Select(file => file.Path)];
    }
}
