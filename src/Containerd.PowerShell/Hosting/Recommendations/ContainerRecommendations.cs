namespace Containerd.PowerShell;

/// <summary>What to do about errors of containers, their specs and limits, and namespaces.</summary>
internal static class ContainerRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ContainerExists] = e => $"Choose another id, or remove the old container with Remove-CtrContainer {e.Subject}.",
        [ErrorIds.ContainerNotFound] = _ => "Get-CtrContainer lists the containers of this namespace; -Namespace selects another one.",
        [ErrorIds.IdMapConflict + ".DeviceNameOfHost"] = e =>
            $"Use the name of the host (-Device {e.Subject}), or mount the device at the other name (-Mount {e.Subject}:PATH).",
        [ErrorIds.IdMapConflict + ".PrivilegedOrIdMap"] = _ =>
            "Omit -Privileged, or -UidMap and -GidMap. -CapAdd and -Device add single capabilities and devices.",
        [ErrorIds.InvalidCgroupParent + ".Path"] = _ => "Use a path such as -CgroupParent /a/b, or -CgroupDriver Systemd.",
        [ErrorIds.InvalidCgroupParent + ".Slice"] = _ => "Use a slice such as -CgroupParent system.slice, or -CgroupDriver Cgroupfs.",
        [ErrorIds.InvalidLimit + ".CpuOrQuota"] = _ => "Use either -Cpu, or -CpuQuota and -CpuPeriod.",
        [ErrorIds.InvalidLimit + ".CpusetCpus"] = _ => "Use processors that the host has with -CpusetCpus, such as 0 or 0-1.",
        [ErrorIds.InvalidLimit + ".CpusetMems"] = _ => "Use memory nodes that the host has with -CpusetMems; most hosts have only node 0.",
        [ErrorIds.InvalidLimit + ".Memory"] = _ => "Set a higher limit with -Memory, such as 16m.",
        [ErrorIds.InvalidSpec + ".CompleteSpec"] = _ =>
            "Create a spec with New-CtrSpec, or change the spec of a container: (Get-CtrContainer ID).Spec.",
        [ErrorIds.InvalidSpec + ".NewSpec"] = _ =>
            "Compare it with config.md of the OCI runtime specification, or start from the spec that New-CtrSpec creates.",
        [ErrorIds.InvalidSysctl] = _ => "Set a parameter of the container's own namespaces with -Sysctl, such as net.ipv4.ip_forward.",
        [ErrorIds.NameExists + ".Rename"] = e => $"Choose another id, or rename that container with Rename-CtrContainer {e.Subject}.",
        [ErrorIds.NameExists + ".RenameOrRemove"] = e =>
            $"Choose another name, rename that container with Rename-CtrContainer {e.Subject}, or remove it with "
            + $"Remove-CtrContainer {e.Subject}.",
        [ErrorIds.IdMapNotSupported + ".PackInContainer"] = e =>
            $"Pack the files in the container: Invoke-CtrExec {e.Subject} -OutFile files.tar -- tar -c -C / etc.",
        [ErrorIds.NamespaceNotEmpty] = _ => "Remove its content first, or use -Force, which removes the content too.",
        [ErrorIds.NoCommand + ".CommandOrEntrypoint"] = _ => "Specify a command with -Command, or a program with -Entrypoint.",
        [ErrorIds.NoCommand + ".Exec"] = _ => "Specify a command, such as Invoke-CtrExec web -- ps.",
        [ErrorIds.NoLimit] = _ => "Set a limit, such as -Memory 256m.",
        [ErrorIds.ReservedLabel + ".Name"] = _ => "Name a new container with -Name, and rename an existing one with Rename-CtrContainer.",
        [ErrorIds.RestartNotSupported + ".Log"] = e =>
            $"Omit -LogPath and -LogFormat, or use -NoLog; or remove the policy with Set-CtrContainer {e.Subject} -RestartPolicy no.",
        [ErrorIds.RestartNotSupported + ".Network"] = _ =>
            "Connect both containers to a network of New-CtrNetwork, or omit -RestartPolicy.",
        [ErrorIds.RestartNotSupported + ".Paused"] = e => $"Resume it first with Resume-CtrTask {e.Subject}.",
        [ErrorIds.RestartNotSupported + ".Stdin"] = e =>
            $"Omit -WithStdin and -Interactive, or remove the policy with Set-CtrContainer {e.Subject} -RestartPolicy no.",
        [ErrorIds.RestartNotSupported + ".Terminal"] = _ => "Omit -Tty, or use containerd 2.0 or later.",
        [ErrorIds.RestartNotSupported + ".Version"] = _ => "Use -RestartPolicy always, or containerd 1.7 or later.",
        [ErrorIds.RootfsNotReadable] = _ =>
            "Run PowerShell as root on the daemon's host, or specify the user as numbers, such as -User 1000:1000.",
        [ErrorIds.RootfsNotReadable + ".AsRoot"] = _ => "Run PowerShell as root on the daemon's host.",
        [ErrorIds.RootfsNotReadable + ".NoCopy"] = e =>
            $"Run PowerShell as root on the daemon's host, use another -Snapshotter, or mount it empty: -Volume {e.Subject}:/path:nocopy.",
        [ErrorIds.RootfsNotReadable + ".StartTask"] = e =>
            $"Start its task with Start-CtrTask {e.Subject}: the files of a running container can be read with any snapshotter.",
        [ErrorIds.RootfsNotRemapped + ".AsRoot"] = _ => "Run PowerShell as root on the daemon's host.",
        [ErrorIds.RuntimeNotFound + ".Install"] = _ =>
            "Install it in a folder of the daemon's PATH, or create the container with another -Runtime or -RuntimeOption. "
            + "Get-CtrRuntime lists the runtimes.",
        [ErrorIds.SnapshotterNotFound] = _ => "(Get-CtrInfo).Snapshotters lists the snapshotters of the daemon.",
        [ErrorIds.ThrottleNotSupported] = e =>
            $"Use runc 1.2 or later. With this runtime, change the spec with Set-CtrContainer {e.Subject} -Spec, and start the task again.",
        [ErrorIds.WorkingDirectoryNotFound + ".WorkingDirectory"] = _ =>
            "Specify a directory that exists in the container with -WorkingDirectory.",
    };
}
