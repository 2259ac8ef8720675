using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>
/// The folders of a daemon's host in which this client keeps data about containers. That of a private daemon is in its own folder, which is
/// removed with it; that of others is below the state folder of the machine (or the user), by the daemon's identity.
/// </summary>
/// <param name="connection">The session.</param>
internal sealed class StateFolders(DaemonConnection connection)
{
    /// <summary>The folder of all data.</summary>
    internal string Root =>
        CtrDaemonFolder.DataRootFor(connection.Address.Path) ?? Path.Combine(MachineFolder, "containerd-powershell", connection.Uuid);

    /// <summary>The parent folder of <see cref="Root"/> and the path to it, which do not belong to this module.</summary>
    internal string Parent =>
        CtrDaemonFolder.DataRootFor(connection.Address.Path) is { } root ? Path.GetDirectoryName(root)! : MachineFolder;

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
