using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;

namespace Containerd.Host.Mounts;

/// <summary>
/// Finds a path in the layers of a read-only overlay without mounting it. The layers must not change: those of committed snapshots.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class LayerPath
{
    private const int MostLinks = 40;

    private static readonly byte[][] OpaqueMarks = [.. Names("opaque")];
    private static readonly byte[][] RedirectMarks = [.. Names("redirect"), .. Names("metacopy")];

    // The directories, topmost first, that together are each directory on the way, from the root.
    private readonly Stack<IReadOnlyList<string>> _way = new();
    private readonly Stack<string> _rest = new();
    private int _links;

    private LayerPath(IReadOnlyList<string> layers) => _way.Push(layers);

    /// <summary>Finds a path. Symbolic links are followed within the layers.</summary>
    /// <param name="layers">The root directories of the layers, topmost first.</param>
    /// <param name="path">The path.</param>
    /// <returns>
    /// The directories that together are the directory at the path, topmost first, or one file; null if there is nothing at the path.
    /// </returns>
    /// <exception cref="IOException">A directory was renamed by an overlay, so that its name in other layers is unknown.</exception>
    internal static IReadOnlyList<string>? Find(IReadOnlyList<string> layers, string path)
    {
        var search = new LayerPath(layers);
        search.Enqueue(path);
        return search.Run();
    }

    private IReadOnlyList<string>? Run()
    {
        while (_rest.TryPop(out var name))
        {
            if (name == ".")
                continue;
            if (name == "..")
            {
                if (_way.Count > 1)
                    _way.Pop();
                continue;
            }

            var found = Step(_way.Peek(), name, out var kind);
            if (kind == FileKind.SymbolicLink)
            {
                if (++_links > MostLinks)
                    return null;
                var target = new FileInfo(found[0]).LinkTarget ?? "";
                if (target.StartsWith('/'))
                    while (_way.Count > 1)
                        _way.Pop();
                Enqueue(target);
            }
            else if (found.Count == 0 || (kind != FileKind.Directory && _rest.Any(part => part != ".")))
            {
                return null;
            }
            else
            {
                _way.Push(found);
            }
        }

        return _way.Peek();
    }

    private void Enqueue(string path)
    {
        foreach (var part in Enumerable.Reverse(path.Split('/', StringSplitOptions.RemoveEmptyEntries)))
            _rest.Push(part);
    }

    private static List<string> Step(IReadOnlyList<string> folders, string name, out FileKind kind)
    {
        var found = new List<string>();
        kind = FileKind.Directory;
        foreach (var folder in folders)
        {
            var path = $"{folder}/{name}";
            if (!LibcMounts.TryStat(path, followLinks: false, out var stat))
                continue;
            // A whiteout: what lower layers have there was deleted.
            if (stat is { Kind: FileKind.CharacterDevice, RdevMajor: 0, RdevMinor: 0 })
                break;
            if (stat.Kind != FileKind.Directory)
            {
                // A file covers what is below it, and a directory above it covers the file.
                if (found.Count == 0)
                {
                    kind = stat.Kind;
                    found.Add(path);
                }

                break;
            }

            using var handle = LibcMounts.Open(path, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY | LibcMounts.O_NOFOLLOW, out var error)
                ?? throw new IOException($"'{path}' cannot be read: error {error}");
            if (RedirectMarks.Any(mark => LibcFiles.GetAttribute(handle, mark) is not null))
                throw new IOException($"the directory '{path}' has another name in lower layers");
            found.Add(path);
            if (OpaqueMarks.Any(mark => LibcFiles.GetAttribute(handle, mark) is [(byte)'y']))
                break;
        }

        return found;
    }

    // Those of overlays that root mounts, and of overlays with the option userxattr.
    private static IEnumerable<byte[]> Names(string mark) =>
        [Encoding.ASCII.GetBytes($"trusted.overlay.{mark}"), Encoding.ASCII.GetBytes($"user.overlay.{mark}")];
}
