using System.Globalization;

namespace Containerd.Client.Transport;

/// <summary>
/// Says no, at once and in one way, to what needs the daemon's own host when the session reaches it from another one: named pipes, files,
/// mounts and process ids mean
/// nothing there, or something else.
/// </summary>
internal static class DaemonElsewhere
{
    /// <summary>Refuses what needs the daemon's own host, before anything is made for it.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">What it is, to be followed by "only on the daemon's own host".</param>
    /// <param name="instead">What can be done from here, where there is something, as a sentence that goes on after "Or".</param>
    /// <exception cref="CtrNotSupportedException">The daemon is on another machine (DaemonNotLocal).</exception>
    internal static void RequireHost(this DaemonConnection connection, string what, string? instead = null)
    {
        var address = connection.Address;
        if (!address.IsLocal)
            throw Error(connection, what, address.IsSsh ? "is reached over SSH" : "is reached over the network", instead);
    }

    /// <summary>The error for a daemon that is not on this machine.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">What it is, to be followed by "only on the daemon's own host".</param>
    /// <param name="why">What shows that it is not, to follow the daemon's address.</param>
    /// <param name="instead">What can be done from here, where there is something, as a sentence that goes on after "Or".</param>
    internal static CtrNotSupportedException Error(DaemonConnection connection, string what, string why, string? instead = null) =>
        new($"{what} only on the daemon's own host, and the daemon at {connection.Address} {why}.")
        {
            ErrorId = "DaemonNotLocal",
            Subject = connection.Address.ToString(),
            Remedy = Remedy(connection.Address) + (instead is null ? "" : $" Or {instead}"),
        };

    private static string Remedy(ContainerdAddress address) =>
        address.IsSsh
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Run it there, through PowerShell remoting: Invoke-Command -HostName {(address.User is { } user ? user + "@" : "")}{address.Host}{(address.Port is { } port ? $" -Port {port}" : "")} {{ Import-Module Containerd; … }}. Name a command with -Command in that block: PowerShell may not accept -- there."
            )
            : "Run it in PowerShell on that host (Invoke-Command, Enter-PSSession, ssh).";
}
