namespace Containerd.Client.Transport;

/// <summary>
/// Rejects operations that require the daemon's own host if the session connects from another one: named pipes, files, mounts and process
/// ids are not valid there.
/// </summary>
internal static class DaemonElsewhere
{
    /// <summary>Rejects an operation that requires the daemon's own host, before anything is created for it.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">The operation, for the text before "only on the daemon's own host".</param>
    /// <param name="instead">The name and the text of an alternative, if there is one; the text follows "Or".</param>
    /// <exception cref="CtrNotSupportedException">The daemon is on another machine (DaemonNotLocal).</exception>
    internal static void RequireHost(this DaemonConnection connection, string what, (string Id, string Text)? instead = null)
    {
        var address = connection.Address;
        if (!address.IsLocal)
            throw Error(connection, what, address.IsSsh ? "is reached over SSH" : "is reached over the network", instead);
    }

    /// <summary>The error for a daemon that is not on this machine.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="what">The operation, for the text before "only on the daemon's own host".</param>
    /// <param name="why">The evidence, for the text after the daemon's address.</param>
    /// <param name="instead">The name and the text of an alternative, if there is one; the text follows "Or".</param>
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
