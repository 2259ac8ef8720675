using System.Runtime.Versioning;
using System.Text;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Options;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// The files of containers that are mounted over their own: hosts, hostname and resolv.conf. Each container has a folder for them, which is
/// removed with it; its name ends with a random text, so that a container and a later one with its id never share files.
/// </summary>
internal sealed class NetworkFiles(DaemonConnection connection)
{
    private const string Folder = ".network-files";
    private const string HostsName = "hosts";
    private const string HostnameName = "hostname";
    private const string ResolvConfName = "resolv.conf";

    // Programs of any user in the container read them.
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly StateFolders _folders = new(connection);

    private string Root => Path.Combine(_folders.Root, Folder);

    /// <summary>Writes the files of a new container.</summary>
    /// <returns>Their paths.</returns>
    [SupportedOSPlatform("linux")]
    internal RequestedFiles Write(string containerdNamespace, string containerId, CtrSpec spec, NetworkFileContent content)
    {
        var folder = Path.Combine(Root, containerdNamespace, $"{containerId}~{Guid.NewGuid():N}");
        TrustedFolder.Make(_folders.Parent, folder, tighten: true);
        var owner = MappedStreams.RootOf(spec);
        return new RequestedFiles
        {
            Hosts = Write(HostsName, content.Hosts),
            Hostname = Write(HostnameName, (spec.Hostname ?? "") + "\n"),
            ResolvConf = Write(ResolvConfName, content.Resolver.Write()),
        };

        string Write(string name, string text)
        {
            var path = Path.Combine(folder, name);
            TrustedFolder.Write(path, Encoding.UTF8.GetBytes(text), Readable);
            if (owner is { } root)
            {
                using var file = File.OpenHandle(path);
                _ = LibcFiles.SetOwner(file, root.Uid, root.Gid);
            }

            return path;
        }
    }

    /// <summary>The mounts of the files, for a spec. The container's root can change them.</summary>
    internal static IEnumerable<CtrSpecMount> Mounts(RequestedFiles files) =>
        new[] { ("/etc/hosts", files.Hosts), ("/etc/hostname", files.Hostname), ("/etc/resolv.conf", files.ResolvConf) }
            .Where(file => file.Item2 is not null)
            .Select(file => new CtrSpecMount
            {
                Destination = file.Item1,
                Type = "bind",
                Source = file.Item2!,
                Options = ["bind", "rprivate"],
            });

    /// <summary>Whether a mount is a file of this class, also of another daemon.</summary>
    internal static bool IsFile(CtrSpecMount mount) =>
        mount.Source?.Split('/') is [.., Folder, _, _, HostsName or HostnameName or ResolvConfName];

    /// <summary>The mounts of a spec that are files of this class.</summary>
    internal IEnumerable<CtrSpecMount> MountsOf(CtrSpec? spec) =>
        (spec?.Mounts ?? []).Where(mount => mount.Source?.StartsWith(Root + "/", StringComparison.Ordinal) == true && IsOwn(mount.Source));

    /// <summary>Removes the files of a container.</summary>
    [SupportedOSPlatform("linux")]
    internal void Remove(string containerdNamespace, string containerId, CtrSpec? spec)
    {
        // A container in the network of another one has the mounts of that.
        var prefix = Path.Combine(Root, containerdNamespace, containerId + "~");
        foreach (var folder in MountsOf(spec).Select(mount => Path.GetDirectoryName(mount.Source!)!).Distinct())
            if (folder.StartsWith(prefix, StringComparison.Ordinal))
                PrivateTree.TryRemove(folder);
    }

    /// <summary>Removes the folder of files that were written a moment ago.</summary>
    [SupportedOSPlatform("linux")]
    internal static void Remove(RequestedFiles files)
    {
        if (files.ResolvConf is { } file)
            PrivateTree.TryRemove(Path.GetDirectoryName(file)!);
    }

    /// <summary>Removes the files of containers that other clients removed.</summary>
    /// <param name="containerdNamespace">The namespace.</param>
    /// <param name="containers">Its containers.</param>
    /// <param name="since">Folders that are younger may belong to a container that is being created.</param>
    [SupportedOSPlatform("linux")]
    internal void Sweep(string containerdNamespace, IReadOnlyList<CtrContainer> containers, TimeSpan since)
    {
        var parent = Path.Combine(Root, containerdNamespace);
        if (!Directory.Exists(parent))
            return;
        var used = containers.SelectMany(c => MountsOf(c.Spec)).Select(mount => Path.GetDirectoryName(mount.Source!)!).ToHashSet();
        foreach (var folder in new DirectoryInfo(parent).EnumerateDirectories())
            if (!used.Contains(folder.FullName) && DateTime.UtcNow - folder.CreationTimeUtc > since)
                PrivateTree.TryRemove(folder.FullName);
    }

    // Any client can store any path in a spec.
    private bool IsOwn(string path) =>
        Path.GetFullPath(path) == path
        && Path.GetRelativePath(Root, path).Split('/') is [_, var folder, HostsName or HostnameName or ResolvConfName]
        && folder.Contains('~', StringComparison.Ordinal);
}
