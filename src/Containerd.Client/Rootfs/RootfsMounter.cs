using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Client.Native;

namespace Containerd.Client;

/// <summary>Makes a snapshot's mounts read-only in the calling thread's own mount namespace.</summary>
[SupportedOSPlatform("linux")]
internal static class RootfsMounter
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
        ["rw"] = 0, ["suid"] = 0, ["dev"] = 0, ["exec"] = 0, ["async"] = 0, ["atime"] = 0, ["diratime"] = 0, ["norelatime"] = 0, ["defaults"] = 0,
    };

    internal static void Mount(SnapshotMount mount, string root)
    {
        if (mount.Target.Trim('/').Length > 0)
            throw Unsupported($"it has a mount below its root, at '{mount.Target}'");
        var (flags, data) = Split(mount.Options);
        if (mount.Type is "bind" or "rbind" || (flags & LibcMounts.MS_BIND) != 0)
            MountBind(mount, root, flags);
        else if (mount.Type == "overlay")
            MountOverlay(mount, root, flags, data);
        else
            MountOther(mount, root, flags, data);
    }

    private static void MountBind(SnapshotMount mount, string root, ulong flags)
    {
        var bind = LibcMounts.MS_BIND | (mount.Type == "rbind" ? LibcMounts.MS_REC : flags & LibcMounts.MS_REC);
        Check(Try(mount.Source, root, null, bind, null), mount);
        MakeReadOnly(root, mount);
    }

    private static void MountOther(SnapshotMount mount, string root, ulong flags, List<string> data)
    {
        if (data.Contains("loop"))
            throw Unsupported("it is a file with a filesystem in it");
        var text = string.Join(',', data);
        var error = Try(mount.Source, root, mount.Type, flags | LibcMounts.MS_RDONLY, text);
        // A device that is mounted for writing already cannot be mounted read-only a second time, but such a mount can be made read-only itself.
        if (error == LibcMounts.EBUSY && (flags & LibcMounts.MS_RDONLY) == 0)
        {
            Check(Try(mount.Source, root, mount.Type, flags, text), mount);
            MakeReadOnly(root, mount);
            return;
        }
        Check(error, mount);
    }

    /// <summary>Mounts an overlay with its upper directory as the first of the lower ones: so it cannot be written, and may be in use by a container.</summary>
    private static void MountOverlay(SnapshotMount mount, string root, ulong flags, List<string> data)
    {
        var layers = new List<string>();
        string? upper = null;
        var rest = new List<string>();
        foreach (var option in data)
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            switch (equals < 0 ? option : option[..equals])
            {
                case "lowerdir": layers.AddRange(SplitLayers(option[(equals + 1)..])); break;
                case "upperdir": upper = Unescape(option[(equals + 1)..]); break;
                // Both are for an overlay that is written.
                case "workdir" or "volatile": break;
                default: rest.Add(option); break;
            }
        }
        if (upper is not null)
            layers.Insert(0, upper);
        if (layers.Count == 0)
            throw Unsupported("its overlay has no layers");
        if (layers.Count == 1)
        {
            MountBind(mount with { Source = layers[0] }, root, 0);
            return;
        }

        var text = Overlay(layers, rest);
        // The kernel reads one page, with a zero at its end. Links with short names on a private tmpfs make any number of layers that it allows fit.
        if (Encoding.UTF8.GetByteCount(text) >= Environment.SystemPageSize)
            text = Overlay(LinkLayers(layers, root, mount), rest);
        var error = Try("overlay", root, "overlay", flags | LibcMounts.MS_RDONLY, text);
        // The kernel's index refuses layers that another overlay writes.
        if (error == LibcMounts.EBUSY && !rest.Exists(option => option.StartsWith("index=", StringComparison.Ordinal)))
            error = Try("overlay", root, "overlay", flags | LibcMounts.MS_RDONLY, text + ",index=off");
        Check(error, mount);
    }

    private static List<string> LinkLayers(List<string> layers, string root, SnapshotMount mount)
    {
        Check(Try("tmpfs", root, "tmpfs", LibcMounts.MS_NOSUID | LibcMounts.MS_NODEV | LibcMounts.MS_NOEXEC, "mode=0700"), mount);
        var links = new List<string>(layers.Count);
        foreach (var layer in layers)
        {
            var name = links.Count.ToString(CultureInfo.InvariantCulture);
            File.CreateSymbolicLink(Path.Combine(root, name), layer);
            links.Add(name);
        }
        // Relative names are looked up from the thread's own working directory; that of the process stays where it is.
        if (LibcMounts.ChangeDirectory(root) != 0)
            Check(Marshal.GetLastPInvokeError(), mount);
        return links;
    }

    private static string Overlay(IEnumerable<string> layers, List<string> rest)
    {
        var text = $"lowerdir={string.Join(':', layers.Select(Escape))}";
        return rest.Count == 0 ? text : $"{text},{string.Join(',', rest)}";
    }

    private static void MakeReadOnly(string root, SnapshotMount mount) =>
        Check(Try(null, root, null, LibcMounts.MS_BIND | LibcMounts.MS_REMOUNT | LibcMounts.MS_RDONLY | LibcMounts.MS_NOSUID | LibcMounts.MS_NODEV, null), mount);

    private static (ulong Flags, List<string> Data) Split(IReadOnlyList<string> options)
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

    /// <summary>Splits at colons that have no backslash before them.</summary>
    private static List<string> SplitLayers(string text)
    {
        var layers = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ':')
            {
                layers.Add(Unescape(text[start..i]));
                start = i + 1;
            }
        }
        layers.Add(Unescape(text[start..]));
        layers.RemoveAll(layer => layer.Length == 0);
        return layers;
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        return plain.ToString();
    }

    private static string Escape(string text) => text
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(":", "\\:", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal);

    private static int Try(string? source, string target, string? type, ulong flags, string? data) =>
        LibcMounts.Mount(source, target, type, (nuint)flags, data) == 0 ? 0 : Marshal.GetLastPInvokeError();

    private static void Check(int error, SnapshotMount mount)
    {
        if (error != 0)
            throw RootfsReader.Failed($"The root filesystem cannot be mounted ({mount.Type} of '{mount.Source}')", error);
    }

    private static CtrNotSupportedException Unsupported(string why) => new($"The root filesystem cannot be read: {why}.")
    {
        ErrorId = RootfsReader.NotReadable,
        Remedy = RootfsReader.NumericUserWorks,
    };
}
