using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The files of a container that match the beginning of a path.</summary>
internal static class ContainerFiles
{
    /// <summary>Lists the completions of a path.</summary>
    /// <param name="ns">The namespace of the container.</param>
    /// <param name="id">The container.</param>
    /// <param name="path">The path so far; its last name may be incomplete.</param>
    /// <param name="directory">The directory at which a relative path starts.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The paths in the form of the input; those of directories end with a slash.</returns>
    internal static async Task<IReadOnlyList<string>> ListAsync(
        NamespaceClient ns,
        string id,
        string path,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var slash = path.LastIndexOf('/');
        var (folder, begin) = (path[..(slash + 1)], path[(slash + 1)..]);
        var found = await FindAsync(ns, id, [folder.StartsWith('/') ? folder : $"{directory}/{folder}"], begin, cancellationToken)
            .ConfigureAwait(false);
        return [.. found.Select(f => $"{folder}{System.IO.Path.GetFileName(f.Path)}{(f.IsDirectory ? "/" : "")}")];
    }

    /// <summary>Finds the files in folders whose names have a prefix; hidden files only if the prefix starts with a dot.</summary>
    internal static async Task<IEnumerable<FoundFile>> FindAsync(
        NamespaceClient ns,
        string id,
        IEnumerable<string> folders,
        string begin,
        CancellationToken cancellationToken
    )
    {
        var pattern = new FilePattern(begin, name =>
            name.StartsWith(begin, StringComparison.Ordinal) && (begin.Length > 0 || name[0] != '.')
        );
        IReadOnlyList<IReadOnlyList<FilePattern>> paths =
        [
            .. folders.Select(folder =>
                (IReadOnlyList<FilePattern>)
                    [.. folder.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(name => new FilePattern(name, null)), pattern]
            ),
        ];
        id = await ns.Names.ResolveAsync(id, cancellationToken).ConfigureAwait(false);
        return (await ns.Files.FindAnyAsync(id, paths, cancellationToken).ConfigureAwait(false)).Where(f => f.Path is not null);
    }
}
