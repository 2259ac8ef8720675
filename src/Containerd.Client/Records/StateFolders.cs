using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>
/// The folders of a daemon's host in which this client keeps data about containers. That of a private daemon is in its own folder, which is
/// removed with it; that of others is below the state folder of the machine (or the user), by the daemon's identity.
/// </summary>
/// <param name="connection">The session.</param>
internal sealed class StateFolders(DaemonConnection connection)
{
    /// <summary>The name of the folder of volumes.</summary>
    internal const string VolumesName = "volumes";

    private const string Own = "containerd-powershell";

    /// <summary>The folder of all data.</summary>
    internal string Root => CtrDaemonFolder.DataRootFor(connection.Address.Path) ?? Path.Combine(MachineFolder, Own, connection.Uuid);

    /// <summary>The parent folder of <see cref="Root"/> and the path to it, which do not belong to this module.</summary>
    internal string Parent =>
        CtrDaemonFolder.DataRootFor(connection.Address.Path) is { } root ? Path.GetDirectoryName(root)! : MachineFolder;

    /// <summary>The folder with the data of all daemons of the machine, below one that is not checked; null for a private daemon.</summary>
    internal (string Parent, string Root)? Machine =>
        CtrDaemonFolder.DataRootFor(connection.Address.Path) is null ? (MachineFolder, Path.Combine(MachineFolder, Own)) : null;

    /// <summary>The folder of the volumes, below one that is not checked.</summary>
    internal (string Parent, string Root) Volumes =>
        CtrDaemonFolder.DataRootFor(connection.Address.Path) is { } logs
            ? (Path.GetDirectoryName(logs)!, Path.Combine(Path.GetDirectoryName(logs)!, VolumesName))
            : (MachineFolder, Path.Combine(Root, VolumesName));

    /// <summary>The folder of the helper program, below one that is not checked.</summary>
    internal (string Root, string Folder) Helper =>
        connection.HelperFolder is { } own ? (Path.GetDirectoryName(own) ?? own, own) : (Root, Path.Combine(Root, "bin"));

    private static string MachineFolder =>
        Environment.IsPrivilegedProcess
            ? OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData)
                : "/var/lib"
            : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } own
                ? own
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
}
