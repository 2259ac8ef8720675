using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The notation of a path in a container, CONTAINER:/PATH, which PowerShell also uses for drives and providers.</summary>
internal static class ContainerPath
{
    /// <summary>Splits a path.</summary>
    /// <param name="path">The path as the user wrote it.</param>
    /// <param name="drives">The existing drives: a file system drive takes precedence over a container with the same name.</param>
    /// <returns>
    /// The container's id, which is empty if the path begins with a colon, and the path in it; null for a path that is not in a container.
    /// </returns>
    internal static (string Id, string Path)? Split(string path, IEnumerable<PSDriveInfo> drives)
    {
        var colon = path.IndexOf(':', StringComparison.Ordinal);
        // Two colons follow the name of a provider.
        if (colon < 0 || path.AsSpan(colon).StartsWith("::"))
            return null;
        var id = path[..colon];
        if (
            id.Length > 0
            && (
                !ContainerdNames.IsValid(id)
                || drives.Any(drive => drive.Provider.Name == "FileSystem" && drive.Name.Equals(id, StringComparison.OrdinalIgnoreCase))
            )
        )
            return null;
        return (id, path[(colon + 1)..]);
    }
}
