using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The spelling of a path in a container, CONTAINER:/PATH, which drives and providers of PowerShell share.</summary>
internal static class ContainerPath
{
    /// <summary>Takes a path apart.</summary>
    /// <param name="path">The path as it was written.</param>
    /// <param name="drives">The drives that there are: one of a file system hides a container of its name.</param>
    /// <returns>
    /// The container's id, which is empty where the path begins with the colon, and the path in it; null for a path that is none in a
    /// container.
    /// </returns>
    internal static (string Id, string Path)? Split(string path, IEnumerable<PSDriveInfo> drives)
    {
        var colon = path.IndexOf(':', StringComparison.Ordinal);
        // Two colons stand behind a provider's name.
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
