using System.Globalization;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>What to do about errors of sessions, hosts and private daemons.</summary>
internal static class ConnectionRecommendations
{
    private const string MoreTime = "Connect-CtrSession -OperationTimeout allows each call more time.";

    private const string StartDaemon =
        "Start containerd (systemctl start containerd), specify another socket with -Address or $env:CONTAINERD_ADDRESS, or start a "
        + "private daemon with Start-CtrDaemon.";

    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.ConflictingParameters + ".HelperFolder"] = _ => "Omit -HelperFolder.",
        [ErrorIds.ConflictingParameters + ".SshAddress"] = _ =>
            "Specify the host with -HostName, or use an address such as ssh://root@host.",
        [ErrorIds.ContainerdNotFound] = _ =>
            "Install it, on Debian with 'apt-get install containerd runc', or specify its path with -ContainerdPath.",
        [ErrorIds.DaemonExists] = e => $"Use another name, or stop that daemon with Stop-CtrDaemon {e.Subject}.",
        [ErrorIds.DaemonHasTasks] = _ => "Stop the tasks first, or use -Force, which kills them.",
        [ErrorIds.DaemonNeedsRoot] = _ => "Run PowerShell as root, for example with 'sudo pwsh'.",
        [ErrorIds.DaemonNotFound] = _ => "Get-CtrDaemon lists the private daemons of this machine.",
        [ErrorIds.DaemonNotListening] = _ => StartDaemon,
        [ErrorIds.DaemonNotLocal] = OnHost,
        [ErrorIds.DaemonNotLocal + ".CreateAndStart"] = e =>
            $"{OnHost(e)} Or create the container with New-CtrContainer, and start it with Start-CtrTask -NoLog.",
        [ErrorIds.DaemonNotLocal + ".NoLog"] = e => $"{OnHost(e)} Or start it with -NoLog, and without an input.",
        [ErrorIds.DaemonNotLocal + ".NumericUser"] = e => $"{OnHost(e)} Or specify user and group as numbers, such as -User 1000:1000.",
        [ErrorIds.DaemonNotLocal + ".WholeImage"] = e => $"{OnHost(e)} Or omit subpath, so that the whole image is mounted.",
        [ErrorIds.DaemonNotLocal + ".StartAndWait"] = e => $"{OnHost(e)} Or start it with -NoLog, and wait for it with Wait-CtrTask.",
        [ErrorIds.DaemonNotLocal + ".Tar"] = e =>
            $"{OnHost(e)} Or run tar in the container: Invoke-CtrExec ID -OutFile files.tar -- tar -c PATH",
        [ErrorIds.DaemonPathInUse] = _ => "Use another folder, or stop that daemon with Stop-CtrDaemon.",
        [ErrorIds.DaemonStartTimedOut] = _ => "Allow it more time with -Timeout.",
        [ErrorIds.DaemonTimedOut] = _ =>
            $"Check whether containerd is stopped or overloaded (its process, its log). -Timeout allows more time to connect; {MoreTime}",
        [ErrorIds.InvalidSshOption] = _ => "Use the names of options in ssh_config(5): -Options @{ StrictHostKeyChecking = 'accept-new' }.",
        [ErrorIds.OperationTimedOut] = _ => $"Check the daemon's log and its disks, and try again. {MoreTime}",
        [ErrorIds.RootlessDaemon] = e => $"{e.Remedy} pwsh",
        [ErrorIds.ServiceNotAvailable + ".Plugins"] = _ =>
            "Get-CtrPlugin shows which plugins started; check disabled_plugins in the daemon's configuration.",
        [ErrorIds.SessionAmbiguous] = _ => "Specify the session with -Session.",
        [ErrorIds.SessionClosed] = _ => "Open a new session with Connect-CtrSession.",
        [ErrorIds.SessionClosed + ".ResumePull"] = _ =>
            "Open a new session with Connect-CtrSession; the next pull resumes where this one stopped.",
        [ErrorIds.SessionExists] = e => $"Choose another -Name, or close that session with Disconnect-CtrSession {e.Subject}.",
        [ErrorIds.SessionInherited] = e => $"To close it for all runspaces, specify its name: Disconnect-CtrSession {e.Subject}",
        [ErrorIds.SessionNotLive] = e => $"Open a session here: Connect-CtrSession -Address {e.Subject}",
        [ErrorIds.ShimTimedOut] = _ =>
            "Check the shim's process, and whether the task's process or the runtime is stopped, runs a hook, or is in an "
            + "uninterruptible sleep. "
            + $"Get-CtrTask shows the task's state; {MoreTime}",
        [ErrorIds.SocketNotFound] = _ => StartDaemon,
        [ErrorIds.SocketNotFound + ".WindowsService"] = _ =>
            "Start containerd (Start-Service containerd), and run PowerShell as an administrator.",
        [ErrorIds.SocketPermissionDenied] = _ =>
            "Run PowerShell as root (sudo pwsh), or make one of your groups the socket's group in the daemon's configuration ([grpc] gid).",
        [ErrorIds.SshHostUnreachable] = e => $"{e.Remedy} -Port specifies another port, and -Timeout allows more time.",
        [ErrorIds.SshLoginFailed + ".OtherKey"] = e =>
            $"{e.Remedy} -KeyFilePath specifies a key file; $env:SSH_ASKPASS is the program that asks for passwords.",
        [ErrorIds.SshNotFound] = _ =>
            "Install the OpenSSH client (Debian: apt-get install openssh-client), or make sure that it is in a folder of $env:PATH.",
        [ErrorIds.SshNotSupported] = _ =>
            "Run PowerShell on Linux (for example in WSL), or on the daemon's host: Invoke-Command -HostName HOST { Import-Module "
            + "Containerd; … }.",
        [ErrorIds.SshTimedOut] = _ => $"Check the network and the host. {MoreTime}",
        [ErrorIds.SshTunnelFailed + ".ShorterTmpDir"] = _ => "Set $env:TMPDIR to a shorter path.",
        [ErrorIds.TimedOut + ".CallTimeout"] = _ => $"Try again; {MoreTime}",
        [ErrorIds.UnexpectedError] = _ => "This is a bug in the module: report it with the output of Get-Error.",
        [ErrorIds.UntrustedFolder] = _ =>
            "Find out who created it, and remove it. Set $env:XDG_RUNTIME_DIR to a folder that only you can use, as a login session does.",
    };

    /// <summary>How to run a command on the daemon's host; the subject is its address.</summary>
    private static string OnHost(CtrException error)
    {
        if (error.Subject is not { } subject || !subject.StartsWith("ssh://", StringComparison.Ordinal))
            return "Run it in PowerShell on that host (Invoke-Command, Enter-PSSession, ssh).";
        var address = ContainerdAddress.Parse(subject);
        var user = address.User is { } name ? name + "@" : "";
        var port = address.Port is { } number ? " -Port " + number.ToString(CultureInfo.InvariantCulture) : "";
        return $"Run it there, through PowerShell remoting: Invoke-Command -HostName {user}{address.Host}{port} {{ Import-Module "
            + $"Containerd; … }}. "
            + "Use -Command for a command in that block: PowerShell may not accept -- there.";
    }
}
