namespace Containerd.Client.Transport;

/// <summary>
/// Refuses operations that need the daemon's own host when the session reaches it from another one: named pipes, files, mounts and process
/// ids mean nothing there, or something else.
/// </summary>
internal static class DaemonElsewhere
{
    /// <summary>Refuses what needs the daemon's own host, before anything is made for it.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">What it is, to be followed by "only on the daemon's own host".</param>
    /// <param name="instead">The name and the text of another way, if there is one; the text follows "Or".</param>
    /// <exception cref="CtrNotSupportedException">The daemon is on another machine (DaemonNotLocal).</exception>
    internal static void RequireHost(this DaemonConnection connection, string what, (string Id, string Text)? instead = null)
    {
        var address = connection.Address;
        if (!address.IsLocal)
            throw Error(connection, what, address.IsSsh ? "is reached over SSH" : "is reached over the network", instead);
    }

    /// <summary>The error for a daemon that is not on this machine.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">What it is, to be followed by "only on the daemon's own host".</param>
    /// <param name="why">What shows that it is not, to follow the daemon's address.</param>
    /// <param name="instead">The name and the text of another way, if there is one; the text follows "Or".</param>
    internal static CtrNotSupportedException Error(
        DaemonConnection connection,
        string what,
        string why,
        (string Id, string Text)? instead = null
    ) =>
        new($"{what} only on the daemon's own host, and the daemon at {connection.Address} {why}.")
        {
            ErrorId = ErrorIds.DaemonNotLocal,
            Subject = connection.Address.ToString(),
            RemedyId = instead?.Id,
            Remedy = $"Run this on the daemon's host.{(instead is { } other ? $" Or {other.Text}" : "")}",
        };
}
