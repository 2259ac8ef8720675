using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Logs;

/// <summary>The folders of the tasks' output: one for each container, below one for each namespace and daemon.</summary>
internal sealed class LogFolders(RecordScope ns)
{
    /// <summary>Whether the folders are on this machine.</summary>
    internal bool AreLocal => ns.Connection.Address.IsLocal;

    /// <summary>
    /// The output of a private daemon's tasks is in its own folder, which is removed with it; that of others is below the state folder of
    /// the machine (or the user), by the daemon's identity.
    /// </summary>
    internal string Root
    {
        get
        {
            ns.Connection.RequireHost("The output of tasks and execs can be kept and read");
            return CtrDaemonFolder.DataRootFor(ns.Connection.Address.Path)
                ?? Path.Combine(MachineFolder, "containerd-powershell", ns.Connection.Uuid);
        }
    }

    /// <summary>The folder of the helper program, below one that is not checked.</summary>
    internal (string Root, string Folder) Helper =>
        ns.Connection.HelperFolder is { } own ? (Path.GetDirectoryName(own) ?? own, own) : (Root, Path.Combine(Root, "bin"));

    /// <summary>The parent folder of <see cref="Root"/> and the path to it, which do not belong to this module.</summary>
    private string StateFolder =>
        CtrDaemonFolder.DataRootFor(ns.Connection.Address.Path) is { } root ? Path.GetDirectoryName(root)! : MachineFolder;

    private static string MachineFolder =>
        Environment.IsPrivilegedProcess
            ? OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData)
                : "/var/lib"
            : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } own
                ? own
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");

    /// <summary>The folder of a container. Another one may get the id later; the creation time distinguishes them.</summary>
    internal string Of(CtrContainer container) =>
        Path.Combine(Root, ns.Namespace, $"{container.ContainerId}~{container.CreatedAt.ToUniversalTime().Ticks:x}");

    /// <summary>The folder of a container, created if it does not exist.</summary>
    internal string Open(CtrContainer container)
    {
        var folder = Of(container);
        if (Directory.Exists(folder))
            return folder;
        var parent = Path.GetDirectoryName(folder)!;
        if (Directory.Exists(parent))
        {
            // Left by a container with this id that another client removed.
            foreach (var stale in Directory.EnumerateDirectories(parent, container.ContainerId + "~*"))
                PrivateTree.Remove(stale);
        }

        if (OperatingSystem.IsLinux())
            TrustedFolder.Make(StateFolder, folder, tighten: true);
        else
            Directory.CreateDirectory(folder);
        return folder;
    }

    /// <summary>The named pipe for the input of a detached exec.</summary>
    internal static string ExecInput(string folder, string execId) => Path.Combine(folder, execId + ".exec-stdin");

    /// <summary>The files for standard output and standard error of a detached exec.</summary>
    internal static string[] ExecFiles(string folder, string execId) =>
        [Path.Combine(folder, execId + ".exec-stdout"), Path.Combine(folder, execId + ".exec-stderr")];
}
