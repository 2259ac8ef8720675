using System.Runtime.Versioning;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// Examines whether name servers answer the containers of a daemon that run, and puts those in order that do not. The lock is only held for
/// changes, and not while answers are awaited.
/// </summary>
/// <param name="folders">The folders of the daemon.</param>
/// <param name="names">Only these networks; null for all.</param>
[SupportedOSPlatform("linux")]
internal sealed class NameServerRepair(NetworkFolders folders, IReadOnlyList<string>? names)
{
    // One container may have a firewall of its own, or no working interface.
    private const int MostClients = 3;

    private readonly NameServer _server = new(folders);

    private sealed record Client(AttachmentRecord Record, AttachedNetwork Network);

    /// <summary>Examines, and repairs.</summary>
    /// <param name="isTest">Whether nothing is changed.</param>
    /// <param name="errors">Gets what cannot be repaired.</param>
    /// <returns>The networks whose name server did not run, or did not answer for all containers.</returns>
    internal List<string> Run(bool isTest, List<CtrException> errors)
    {
        var unanswered = Unanswered(Clients());
        if (isTest || unanswered.Count == 0)
            return [.. unanswered.Select(u => u[0].Network.Name)];
        var refused = new List<string>();
        using (NetworkLock.Take(folders, NetworkLimits.Lock))
        {
            foreach (var clients in unanswered)
                if (Error(() => Serve(clients[0])) is { } error)
                {
                    errors.Add(error);
                    refused.Add(clients[0].Network.Name);
                }
        }

        var remaining = Unanswered([.. unanswered.Where(u => !refused.Contains(u[0].Network.Name))]);
        if (remaining.Count > 0)
        {
            using (NetworkLock.Take(folders, NetworkLimits.Lock))
                if (Error(() => Restart(remaining[0][0])) is { } error)
                    errors.Add(error);
            foreach (var clients in Unanswered(remaining))
                errors.Add(
                    _server.IsRunning
                        ? NameServerErrors.Unreachable(clients[0].Network.Name, clients[0].Network.NameServers[0])
                        : NameServerErrors.Stopped(clients[0].Network.Name)
                );
        }

        return [.. unanswered.Select(u => u[0].Network.Name)];
    }

    private void Serve(Client client) =>
        _server.Serve(client.Record, [client.Network], new TimeBudget(NetworkLimits.NameServer), isRepair: true);

    private void Restart(Client client) => _server.Restart(client.Network.Name, new TimeBudget(NetworkLimits.NameServer));

    /// <summary>The containers of each network that has a name server.</summary>
    private List<List<Client>> Clients() =>
        [
            .. AttachmentRecord
                .ReadAll(folders)
                .Where(r => r.Complete && r.IsAlive())
                .SelectMany(r => r.Networks.Where(n => n.NameServers.Count > 0).Select(n => new Client(r, n)))
                .Where(client => names?.Contains(client.Network.Name) != false)
                .GroupBy(client => client.Network.Name, StringComparer.Ordinal)
                .Select(group => group.ToList()),
        ];

    /// <summary>Those of the networks whose name server does not answer any container, or does not have one of them.</summary>
    private List<List<Client>> Unanswered(List<List<Client>> networks)
    {
        var budget = new TimeBudget(NetworkLimits.NameServer);
        var isRunning = _server.IsRunning;
        return [.. networks.Where(clients => !isRunning || !IsAnswered(clients, budget))];
    }

    private static bool IsAnswered(List<Client> clients, TimeBudget budget)
    {
        var share = budget.Remaining / (MostClients + 1);
        // The lock is not held: containers end meanwhile.
        clients = [.. clients.Where(c => c.Record.IsAlive())];
        var from = clients.Take(MostClients).FirstOrDefault(c => NameAnswers.Missing(c.Record, c.Network, new TimeBudget(share)) is null);
        return from is null
            ? !clients.Exists(c => c.Record.IsAlive())
            : clients.TrueForAll(c =>
                NameAnswers.Missing(from.Record, from.Network, c.Record, c.Network, budget) is null || !c.Record.IsAlive()
            );
    }

    private static CtrException? Error(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (CtrException e)
        {
            return e;
        }
    }
}
