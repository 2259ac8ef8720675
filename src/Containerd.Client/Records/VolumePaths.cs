namespace Containerd.Client.Records;

/// <summary>Volumes by the paths that containers mount.</summary>
internal static class VolumePaths
{
    /// <summary>The volume that a path is in.</summary>
    /// <param name="root">The folder of all volumes.</param>
    /// <param name="path">The path, as any client may have written it.</param>
    /// <returns>Its namespace and name; null for none.</returns>
    internal static (string Namespace, string Name)? Find(string root, string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
            return null;
        var parts = Path.GetRelativePath(root, Path.GetFullPath(path)).Split(Path.DirectorySeparatorChar);
        return parts is [not ".." and var inNamespace, not ".." and var name, ..] ? (inNamespace, name) : null;
    }

    /// <summary>The names of the volumes of a namespace that a container mounts.</summary>
    internal static string[] NamesOf(SpecSummary spec, string root, string inNamespace) =>
        [
            .. (spec.Mounts ?? [])
                .Select(mount => Find(root, mount?.Source ?? ""))
                .OfType<(string Namespace, string Name)>()
                .Where(volume => volume.Namespace == inNamespace)
                .Select(volume => volume.Name)
                .Distinct(StringComparer.Ordinal),
        ];
}
