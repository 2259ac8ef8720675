using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Names;

/// <summary>The program aardvark-dns, a name server for the containers of networks. It is a part of Podman, and works without it.</summary>
internal static class NameServerProgram
{
    private const string Name = "aardvark-dns";

    // Distributions do not install it in a folder of PATH.
    private static readonly string[] Folders =
    [
        "/usr/local/libexec/podman",
        "/usr/local/lib/podman",
        "/usr/libexec/podman",
        "/usr/lib/podman",
    ];

    /// <summary>Finds the program: in the folders of the plugins, those of Podman, or PATH.</summary>
    /// <returns>Its path; null if it is not installed.</returns>
    internal static string? TryFind(NetworkFolders folders) =>
        folders.Plugins.Concat(Folders).Select(folder => Path.Combine(folder, Name)).FirstOrDefault(HostProgram.IsExecutable)
        ?? HostProgram.FindSystem(Name);

    /// <summary>Finds the program.</summary>
    /// <exception cref="CtrNotFoundException">NameServerMissing.</exception>
    internal static string Find(NetworkFolders folders, string network) => TryFind(folders) ?? throw Missing(network);

    /// <summary>The error if it is not installed.</summary>
    internal static CtrNotFoundException Missing(string network) =>
        new($"The network '{network}' resolves names by DNS, which requires the program {Name}, and it is not installed.")
        {
            ErrorId = ErrorIds.NameServerMissing,
            Subject = network,
            Remedy = $"Install the package {Name}.",
        };
}
