using System.Net;
using System.Net.Sockets;

namespace Containerd.Host.Networks.Files;

/// <summary>The configuration of a resolver (resolv.conf).</summary>
internal sealed record ResolvConf
{
    private const string NameServer = "nameserver";
    private const string Search = "search";
    private const string Domain = "domain";
    private const string Options = "options";

    // The address at which systemd-resolved serves programs of the host.
    private const string Stub = "127.0.0.53";

    /// <summary>The addresses of the servers.</summary>
    internal IReadOnlyList<string> Servers { get; init; } = [];

    /// <summary>The domains that are searched.</summary>
    internal IReadOnlyList<string> SearchDomains { get; init; } = [];

    /// <summary>The resolver's options.</summary>
    internal IReadOnlyList<string> ResolverOptions { get; init; } = [];

    /// <summary>Reads the configuration of the host: where systemd-resolved is its only server, the servers that it uses itself.</summary>
    /// <param name="root">The root directory of the host.</param>
    internal static ResolvConf OfHost(string root)
    {
        var own = Read(Path.Combine(root, "etc/resolv.conf"));
        return own.Servers is [Stub] ? Read(Path.Combine(root, "run/systemd/resolve/resolv.conf")) : own;
    }

    /// <summary>Reads a text.</summary>
    internal static ResolvConf Parse(string text)
    {
        var servers = new List<string>();
        var search = Array.Empty<string>();
        var options = new List<string>();
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith('#') || line.StartsWith(';'))
                continue;
            switch (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                case [NameServer, var server, ..]:
                    servers.Add(server);
                    break;
                // The last one counts, of either kind.
                case [Search or Domain, .. var domains]:
                    search = domains;
                    break;
                case [Options, .. var more]:
                    options.AddRange(more);
                    break;
            }
        }

        return new ResolvConf
        {
            Servers = servers,
            SearchDomains = search,
            ResolverOptions = options,
        };
    }

    /// <summary>
    /// The configuration of a container that has its own network namespace: servers of the host's loopback interface cannot be reached from
    /// it.
    /// </summary>
    /// <param name="hasV6">Whether it has IPv6 addresses.</param>
    internal ResolvConf ForContainer(bool hasV6) => this with { Servers = [.. Servers.Where(server => IsReachable(server, hasV6))] };

    /// <summary>The text.</summary>
    internal string Write()
    {
        var lines = new List<string>();
        if (SearchDomains.Count > 0)
            lines.Add($"{Search} {string.Join(' ', SearchDomains)}");
        lines.AddRange(Servers.Select(server => $"{NameServer} {server}"));
        if (ResolverOptions.Count > 0)
            lines.Add($"{Options} {string.Join(' ', ResolverOptions)}");
        return string.Concat(lines.Select(line => line + "\n"));
    }

    private static bool IsReachable(string server, bool hasV6) =>
        IPAddress.TryParse(server.Split('%')[0], out var address)
        && !IPAddress.IsLoopback(address)
        && (address.AddressFamily == AddressFamily.InterNetwork || (hasV6 && !address.IsIPv6LinkLocal));

    private static ResolvConf Read(string path)
    {
        try
        {
            return File.Exists(path) ? Parse(File.ReadAllText(path)) : new ResolvConf();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ResolvConf();
        }
    }
}
