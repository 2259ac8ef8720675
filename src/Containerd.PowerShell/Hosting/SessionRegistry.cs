using System.Runtime.CompilerServices;
using Containerd.Client;
using Containerd.Host.Errors;

namespace Containerd.PowerShell;

/// <summary>
/// The sessions of this process, and their default for callers that do not specify one. A scope (a runspace) that has opened a session has
/// its own default; other scopes inherit the common default of all scopes, if there is one. A session outlives its scope, and is then used
/// as a default only if no other scope has one.
/// </summary>
internal static class SessionRegistry
{
    private static readonly object Gate = new();
    private static readonly ConditionalWeakTable<CtrSession, ContainerdClient> Clients = [];
    private static readonly List<(Guid Scope, ContainerdClient Client)> Open = [];
    private static readonly SemaphoreSlim Connecting = new(1);

    /// <summary>The open sessions, oldest first.</summary>
    /// <returns>A copy of the list.</returns>
    internal static IReadOnlyList<CtrSession> List()
    {
        lock (Gate)
            return [.. Open.Select(o => o.Client.Session)];
    }

    /// <summary>The number of open sessions that a scope has opened.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The number.</returns>
    internal static int CountOf(Guid scope)
    {
        lock (Gate)
            return Open.Count(o => o.Scope == scope);
    }

    /// <summary>The session that a scope opened last, which is its default.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The connection; null if the scope has no open session.</returns>
    internal static ContainerdClient? LastOf(Guid scope)
    {
        lock (Gate)
            return Open.FindLast(o => o.Scope == scope).Client;
    }

    /// <summary>Adds a new connection, which becomes the default of its scope.</summary>
    /// <param name="scope">The scope that opened it.</param>
    /// <param name="client">The connection.</param>
    /// <exception cref="CtrConflictException">A session with that name is open (SessionExists).</exception>
    internal static void Add(Guid scope, ContainerdClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        lock (Gate)
        {
            if (Open.Exists(o => string.Equals(o.Client.Session.Name, client.Session.Name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new CtrConflictException($"A session named '{client.Session.Name}' is open already.")
                {
                    ErrorId = ErrorIds.SessionExists,
                    Subject = client.Session.Name,
                    Remedy = "Choose another name, or close that session first.",
                };
            }

            Open.Add((scope, client));
            Clients.Add(client.Session, client);
        }
    }

    /// <summary>Closes a session.</summary>
    /// <param name="session">Its handle.</param>
    internal static void Remove(CtrSession session)
    {
        var client = ClientOf(session);
        lock (Gate)
            Open.RemoveAll(o => o.Client == client);
        client.Dispose();
    }

    /// <summary>Ends a scope. Its sessions can still be used.</summary>
    /// <param name="scope">The scope.</param>
    internal static void EndScope(Guid scope)
    {
        lock (Gate)
        {
            for (var i = 0; i < Open.Count; i++)
            {
                if (Open[i].Scope == scope)
                    Open[i] = (Guid.Empty, Open[i].Client);
            }
        }
    }

    /// <summary>The default connection of a scope; if no session is open, a new one to the address from the environment.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The connection, and whether it is new.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal static async Task<(ContainerdClient Client, bool New)> DefaultOrNewAsync(
        Guid scope,
        CancellationToken cancellationToken = default
    )
    {
        if (DefaultFor(scope) is { } open)
            return (open, false);
        // Concurrent runspaces share one new session.
        await Connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (DefaultFor(scope) is { } meanwhile)
                return (meanwhile, false);
            var client = await ContainerdClient.ConnectAsync(new ConnectOptions(), cancellationToken).ConfigureAwait(false);
            Add(scope, client);
            return (client, true);
        }
        finally
        {
            Connecting.Release();
        }
    }

    /// <summary>The connection behind a handle.</summary>
    /// <param name="session">The handle.</param>
    /// <returns>The connection, open or closed.</returns>
    /// <exception cref="CtrConnectionException">The handle is from another process (SessionNotLive).</exception>
    internal static ContainerdClient ClientOf(CtrSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        return Clients.TryGetValue(session, out var client)
            ? client
            : throw new CtrConnectionException(
                $"The session '{session}' has no connection in this process: it comes from another process or from a file."
            )
            {
                ErrorId = ErrorIds.SessionNotLive,
                Subject = session.Address,
                Remedy = $"Open a session to {session.Address} in this process.",
            };
    }

    /// <summary>The connection that a scope closes by default: its default, unless another scope opened it and still uses it.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The connection; null if no session is open.</returns>
    /// <exception cref="CtrConflictException">It is another scope's (SessionInherited).</exception>
    /// <exception cref="CtrArgumentException">Other scopes have several different ones (SessionAmbiguous).</exception>
    internal static ContainerdClient? ToCloseFor(Guid scope)
    {
        lock (Gate)
        {
            if (DefaultFor(scope) is not { } client)
                return null;
            if (Open.Exists(o => o.Client == client && (o.Scope == scope || o.Scope == Guid.Empty)))
                return client;
            throw new CtrConflictException(
                $"The caller has not opened a session. Session '{client.Session}' belongs to another caller, which is still using it."
            )
            {
                ErrorId = ErrorIds.SessionInherited,
                Subject = client.Session.Name,
                Remedy = "To close it for all callers, name it.",
            };
        }
    }

    /// <summary>The default connection of a scope; null if no session is open.</summary>
    /// <param name="scope">The scope.</param>
    /// <returns>The newest session of the scope, or else the common default of all other scopes.</returns>
    /// <exception cref="CtrArgumentException">Other scopes have several different ones (SessionAmbiguous).</exception>
    internal static ContainerdClient? DefaultFor(Guid scope)
    {
        lock (Gate)
        {
            var own = Open.FindLastIndex(o => o.Scope == scope);
            if (own >= 0)
                return Open[own].Client;
            var defaults = Open.Where(o => o.Scope != Guid.Empty).GroupBy(o => o.Scope).Select(g => g.Last().Client).ToList();
            // Sessions of ended scopes are considered only if no other scope has one, and each separately: the intended one is not known.
            if (defaults.Count == 0)
                defaults.AddRange(Open.Select(o => o.Client));
            return defaults.Count switch
            {
                0 => null,
                1 => defaults[0],
                _ => throw new CtrArgumentException(
                    "Several sessions are open, and the caller has not opened any of them: "
                        + $"{string.Join(", ", defaults.Select(d => $"{d.Session} ({d.Session.Address})"))}."
                )
                {
                    ErrorId = ErrorIds.SessionAmbiguous,
                    Remedy = "Name the session to use.",
                },
            };
        }
    }
}
