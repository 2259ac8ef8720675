using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Mounts;

/// <summary>Mount options as in fstab, separated into flags for the kernel and text for the file system.</summary>
[SupportedOSPlatform("linux")]
internal static class MountOptions
{
    private static readonly Dictionary<string, ulong> Flags = new(StringComparer.Ordinal)
    {
        ["ro"] = LibcMounts.MS_RDONLY,
        ["nosuid"] = LibcMounts.MS_NOSUID,
        ["nodev"] = LibcMounts.MS_NODEV,
        ["noexec"] = LibcMounts.MS_NOEXEC,
        ["sync"] = LibcMounts.MS_SYNCHRONOUS,
        ["dirsync"] = LibcMounts.MS_DIRSYNC,
        ["noatime"] = LibcMounts.MS_NOATIME,
        ["nodiratime"] = LibcMounts.MS_NODIRATIME,
        ["relatime"] = LibcMounts.MS_RELATIME,
        ["strictatime"] = LibcMounts.MS_STRICTATIME,
        ["bind"] = LibcMounts.MS_BIND,
        ["rbind"] = LibcMounts.MS_BIND | LibcMounts.MS_REC,
        ["rw"] = 0,
        ["suid"] = 0,
        ["dev"] = 0,
        ["exec"] = 0,
        ["async"] = 0,
        ["atime"] = 0,
        ["diratime"] = 0,
        ["norelatime"] = 0,
        ["defaults"] = 0,
    };

    internal static (ulong Flags, List<string> Data) Split(IReadOnlyList<string> options)
    {
        var flags = 0UL;
        var data = new List<string>();
        foreach (var option in options)
        {
            if (Flags.TryGetValue(option, out var flag))
                flags |= flag;
            else if (option.Length > 0 && !option.StartsWith("x-", StringComparison.Ordinal))
                data.Add(option);
        }
        return (flags, data);
    }
}
