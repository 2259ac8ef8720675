namespace Containerd.PowerShell;

/// <summary>The files that one command writes: each only once, and with -NoClobber no existing file is overwritten.</summary>
internal sealed class ExportFile(bool noClobber)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>The file for an item: in a directory a file with the item's name, otherwise the path itself.</summary>
    /// <param name="path">The path of the file system.</param>
    /// <param name="given">The same path as the user typed it.</param>
    /// <param name="name">The item's name for a file in a directory.</param>
    internal ExportDestination Take(string path, string given, string name)
    {
        var file = string.Concat(name.Split(Path.GetInvalidFileNameChars()));
        var destination = Directory.Exists(path)
            ? new ExportDestination(Path.Combine(path, file), given, file)
            : new ExportDestination(path, given, null);
        if (!_taken.Add(destination.Path))
        {
            throw new CtrConflictException($"The file '{destination.Path}' was just written for another item.")
            {
                ErrorId = ErrorIds.FileExists,
                Subject = destination.Path,
                Remedy = "Specify an existing directory with -Path: each item then gets its own file.",
            };
        }

        return noClobber && Path.Exists(destination.Path)
            ? throw new CtrConflictException($"'{destination.Path}' already exists.")
            {
                ErrorId = ErrorIds.FileExists,
                Subject = destination.Path,
                Remedy = "Choose another path, or omit -NoClobber.",
            }
            : destination;
    }
}
