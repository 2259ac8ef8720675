using System.Runtime.Versioning;
using Containerd.Client.PrivateDaemons;

namespace Containerd.Client;

/// <summary>Finds the data folder of a private daemon by its socket.</summary>
public static class CtrDaemonFolder
{
    /// <summary>
    /// The folder for data about the containers of a private daemon, such as the logs of their tasks: in the daemon's own folder, which is
    /// removed with it.
    /// </summary>
    /// <param name="socketPath">The path of the daemon's socket.</param>
    /// <returns>A folder that may not exist yet; null for a daemon that this module did not start.</returns>
    public static string? DataRootFor(string socketPath)
    {
        ArgumentNullException.ThrowIfNull(socketPath);
        return OperatingSystem.IsLinux() ? OnLinux(socketPath) : null;
    }

    [SupportedOSPlatform("linux")]
    private static string? OnLinux(string socketPath)
    {
        var directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(socketPath));
        var record = directory is null ? null : DaemonRecord.Read(directory);
        return record is null ? null : System.IO.Path.Combine(record.Path, "logs");
    }
}
