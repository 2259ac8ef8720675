namespace Containerd.PowerShell;

/// <summary>The files that one command writes: each once, and none over another where that is not wanted.</summary>
internal sealed class ExportFile(bool noClobber)
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Where an item goes: into a directory under its own name, else to the path itself.</summary>
    internal string Take(string path, string name)
    {
        var file = Directory.Exists(path) ? Path.Combine(path, string.Concat(name.Split(Path.GetInvalidFileNameChars()))) : path;
        if (!_taken.Add(file))
        {
            throw new CtrConflictException($"The file '{file}' was just written for another item.")
            {
                ErrorId = "FileExists",
                Subject = file,
                Remedy = "Give an existing directory with -Path: each item then has a file of its own.",
            };
        }

        return noClobber && File.Exists(file)
            ? throw new CtrConflictException($"There is a file '{file}' already.") { ErrorId = "FileExists", Subject = file, Remedy = "Choose another path, or leave -NoClobber out." }
            : file;
    }
}
