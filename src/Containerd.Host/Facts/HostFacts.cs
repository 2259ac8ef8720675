using System.Globalization;
using System.Runtime.InteropServices;
using Containerd.Host.Facts;

namespace Containerd.Host;

/// <summary>The cgroup file system of a host.</summary>
public enum CgroupVersion
{
    /// <summary>Not known: the daemon is not on this machine.</summary>
    Unknown,

    /// <summary>One hierarchy for each controller, or both versions side by side.</summary>
    V1,

    /// <summary>The one unified hierarchy.</summary>
    V2,
}

/// <summary>
/// The features of a container's host, as far as a spec depends on them. The default values are those of an unknown host.
/// </summary>
public sealed class HostFacts
{
    /// <summary>The folder by whose existence sd_booted(3) determines that systemd is the init system.</summary>
    internal const string SystemdFolder = "/run/systemd/system";

    /// <summary>Its cgroup file system.</summary>
    public CgroupVersion CgroupVersion { get; init; }

    /// <summary>Whether systemd is its init system.</summary>
    public bool Systemd { get; init; }

    /// <summary>The cgroup driver of new containers: systemd if the host has cgroup v2 and runs systemd, otherwise cgroupfs.</summary>
    public CtrCgroupDriver CgroupDriver =>
        CgroupVersion == CgroupVersion.V2 && Systemd ? CtrCgroupDriver.Systemd : CtrCgroupDriver.Cgroupfs;

    /// <summary>Whether its kernel supports seccomp.</summary>
    public bool Seccomp { get; init; } = true;

    /// <summary>Whether AppArmor is enabled.</summary>
    public bool AppArmor { get; init; }

    /// <summary>The processor's architecture by Go's name, such as <c>amd64</c> or <c>arm64</c>.</summary>
    public string Architecture { get; init; } = "amd64";

    /// <summary>The kernel's version; null if it is not known.</summary>
    public Version? Kernel { get; init; }

    /// <summary>The name of the host, for a container that shares its network; null if it is not known.</summary>
    public string? HostName { get; init; }

    /// <summary>The capabilities that are available to containers.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = CapabilityNames.All;

    /// <summary>Whether a file exists on the host.</summary>
    internal Func<string, bool> FileExists { get; init; } = _ => false;

    /// <summary>The device node at a path of the host, or all below a directory; empty if there are none.</summary>
    internal Func<string, IReadOnlyList<CtrSpecDevice>> FindDevices { get; init; } = _ => [];

    /// <summary>Reads the facts of this machine.</summary>
    /// <param name="cgroupVersion">
    /// The cgroup version in the mount namespace of the daemon, which may differ from ours; null or 0 to determine it here.
    /// </param>
    /// <param name="systemd">Whether systemd is the init system that the daemon sees; null to determine it here.</param>
    /// <returns>The facts; those of an unknown host if it does not run Linux.</returns>
    public static HostFacts Detect(int? cgroupVersion = null, bool? systemd = null)
    {
        var architecture = RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture.Armv6 => "arm",
            var other => other.ToString().ToLowerInvariant(),
        };
        if (!OperatingSystem.IsLinux())
            return new HostFacts { Architecture = architecture };
        var status = ReadStatus();
        return new HostFacts
        {
            CgroupVersion =
                cgroupVersion is 1 or 2 ? (CgroupVersion)cgroupVersion.Value
                : File.Exists("/sys/fs/cgroup/cgroup.controllers") ? CgroupVersion.V2
                : Directory.Exists("/sys/fs/cgroup/memory") || Directory.Exists("/sys/fs/cgroup/cpu") ? CgroupVersion.V1
                : CgroupVersion.Unknown,
            Systemd = systemd ?? Directory.Exists(SystemdFolder),
            Seccomp = status.ContainsKey("Seccomp"),
            AppArmor = ReadFlag("/sys/module/apparmor/parameters/enabled"),
            Architecture = architecture,
            Kernel = Environment.OSVersion.Version,
            HostName = Environment.MachineName,
            Capabilities =
                status.TryGetValue("CapBnd", out var mask)
                && ulong.TryParse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bits)
                    ? CapabilityNames.FromMask(bits)
                    : CapabilityNames.All,
            FileExists = File.Exists,
            FindDevices = DeviceNodes.Find,
        };
    }

    private static Dictionary<string, string> ReadStatus()
    {
        try
        {
            return File.ReadLines("/proc/self/status")
                .Select(line => line.Split(':', 2))
                .Where(parts => parts.Length == 2)
                .ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool ReadFlag(string path)
    {
        try
        {
            return File.ReadAllText(path).StartsWith('Y');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
