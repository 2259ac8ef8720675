using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Facts;

/// <summary>The device nodes of this machine.</summary>
[SupportedOSPlatform("linux")]
internal static class DeviceNodes
{
    // A container has its own ones.
    private static readonly string[] OwnDirectories = ["pts", "shm", "fd", "mqueue"];

    internal static IReadOnlyList<CtrSpecDevice> Find(string path)
    {
        if (Read(path, followLinks: true) is { } device)
            return [device];
        var found = new List<CtrSpecDevice>();
        if (Directory.Exists(path))
            Collect(path, found);
        return found;
    }

    private static void Collect(string directory, List<CtrSpecDevice> found)
    {
        string[] entries;
        try
        {
            entries = Directory.GetFileSystemEntries(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was removed in the meantime, or is a stale FUSE mount: skip the directory.
            return;
        }
        foreach (var entry in entries.Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(entry);
            // The runtime creates the console itself.
            if (name is "console" || name.StartsWith('.'))
                continue;
            if (Read(entry, followLinks: false) is { } device)
            {
                found.Add(device);
            }
            else if (new DirectoryInfo(entry) is { Exists: true, LinkTarget: null } && !OwnDirectories.Contains(name))
            {
                Collect(entry, found);
            }
        }
    }

    private static CtrSpecDevice? Read(string path, bool followLinks)
    {
        if (!LibcMounts.TryStat(path, followLinks, out var stat) || stat.Kind is not (FileKind.CharacterDevice or FileKind.BlockDevice))
            return null;
        return new CtrSpecDevice
        {
            Path = path,
            Type = stat.Kind == FileKind.BlockDevice ? "b" : "c",
            Major = stat.RdevMajor,
            Minor = stat.RdevMinor,
            FileMode = stat.Mode & 0xFFFu,
            Uid = stat.Uid,
            Gid = stat.Gid,
        };
    }
}
