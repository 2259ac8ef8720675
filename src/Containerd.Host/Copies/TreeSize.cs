using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Native;

namespace Containerd.Host.Copies;

/// <summary>The total size of the files in a directory, without following links.</summary>
[SupportedOSPlatform("linux")]
internal static class TreeSize
{
    /// <summary>Measures a directory. A file with several names counts once; items that disappear meanwhile do not count.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static long Of(string path, CancellationToken cancellationToken)
    {
        using var host = FileRoot.Host();
        var name = FileName.Parse(path);
        using var node = host.Find(name, follow: false, out _);
        return node is null ? 0 : Of(host, node, new TreePath(name), [], 0, cancellationToken);
    }

    private static long Of(
        FileRoot host,
        FileNode node,
        TreePath path,
        HashSet<FileIdentity> linked,
        int depth,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!node.IsDirectory)
            return node.Stat.Kind == FileKind.File && (node.Stat.Links < 2 || linked.Add(node.Stat.Identity)) ? node.Stat.Size : 0;
        if (depth >= TreeCopy.MaxDepth)
            throw FileErrors.TooDeep(host.Show(path.Whole()));
        using var folder = FileFolder.Of(host, node, path);
        var size = 0L;
        foreach (var name in folder.List())
        {
            using var child = folder.Find(name);
            if (child is not null)
                size += Of(host, child, path.Child(name), linked, depth + 1, cancellationToken);
        }

        return size;
    }
}
