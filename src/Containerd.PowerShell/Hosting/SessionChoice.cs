using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Selects the connection of a cmdlet.</summary>
internal static class SessionChoice
{
    /// <summary>The connection of the specified session, or else the runspace's default; if no session is open, a new one.</summary>
    internal static ContainerdClient Find(
        CtrSession? session,
        Func<Func<CancellationToken, Task<(ContainerdClient Client, bool IsNew)>>, (ContainerdClient Client, bool IsNew)> wait,
        Action<string> verbose
    )
    {
        if (session is not null)
            return SessionRegistry.ClientOf(session);
        var scope = RunspaceScope.Current;
        // Usually there is one: no other thread is needed to find it.
        if (SessionRegistry.DefaultFor(scope) is ContainerdClient open)
            return open;
        var (client, isNew) = wait(cancellationToken => SessionRegistry.DefaultOrNewAsync(scope, cancellationToken));
        if (isNew)
            verbose($"No session was open: connected to {client.Address}, containerd {client.Session.Version}, as {client.Session}.");
        return client;
    }

    /// <summary>The namespace of an object. It is meaningful only in the session that the object came from.</summary>
    internal static string? NamespaceOf(ICtrObject? from, CtrSession? named) =>
        named is null || from?.Session is null || named == from.Session ? from?.Namespace : null;
}
