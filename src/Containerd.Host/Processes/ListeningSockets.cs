using System.Globalization;
using System.Runtime.Versioning;

namespace Containerd.Host.Processes;

/// <summary>The TCP sockets that listen in the network namespace of a process, as /proc shows them.</summary>
[SupportedOSPlatform("linux")]
internal static class ListeningSockets
{
    private const string Listening = "0A";

    // UDP sockets that receive from any address are in the state of closed connections.
    private const string Unconnected = "07";

    /// <summary>The inodes of the sockets that use a port of the caller's network namespace for incoming traffic.</summary>
    /// <param name="protocol">tcp or udp.</param>
    /// <param name="port">The port.</param>
    internal static IReadOnlySet<long> Of(string protocol, int port) =>
        new[] { protocol, protocol + "6" }
            .Select(table => $"/proc/thread-self/net/{table}")
            .Where(File.Exists)
            .SelectMany(file => Find(File.ReadLines(file), port, protocol == "udp" ? Unconnected : Listening))
            .ToHashSet();

    /// <summary>The process that uses a port of the caller's network namespace, for a message.</summary>
    /// <param name="protocol">tcp or udp.</param>
    /// <param name="port">The port.</param>
    internal static string HolderOf(string protocol, int port)
    {
        var inodes = Of(protocol, port);
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Holds(pid, inodes))
                return string.Create(CultureInfo.InvariantCulture, $"the process '{NameOf(pid)}' ({pid})");
        }

        return "a process of the host";
    }

    /// <summary>The inodes of the sockets that listen on a port; empty when there are none, or when the process has ended.</summary>
    internal static IReadOnlySet<long> Of(int pid, int port)
    {
        var inodes = new HashSet<long>();
        foreach (var table in new[] { "tcp", "tcp6" })
        {
            try
            {
                inodes.UnionWith(Find(File.ReadLines($"/proc/{pid}/net/{table}"), port));
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // The kernel has no IPv6, or the process has ended.
            }
            catch (IOException)
            {
                // The process has just ended (EINVAL of a process without a network namespace, or ESRCH).
            }
        }

        return inodes;
    }

    /// <summary>The inodes of the sockets of one table that listen on a port.</summary>
    internal static IEnumerable<long> Find(IEnumerable<string> table, int port, string state = Listening)
    {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
        foreach (var line in table.Skip(1))
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[3] != state)
                continue;
            var colon = fields[1].LastIndexOf(':');
            if (
                int.TryParse(fields[1].AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
                && number == port
                && long.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            )
                yield return inode;
        }
    }

    /// <summary>Whether two processes are in one network namespace.</summary>
    internal static bool SharesNetwork(int pid, int other) =>
        Link($"/proc/{pid}/ns/net") is { } ours && ours == Link($"/proc/{other}/ns/net");

    /// <summary>Whether a process has one of these sockets open.</summary>
    internal static bool Holds(int pid, IReadOnlySet<long> inodes)
    {
        const string Prefix = "socket:[";
        try
        {
            return Directory
                .EnumerateFileSystemEntries($"/proc/{pid}/fd")
                .Select(Link)
                .Any(target =>
                    target is not null
                    && target.StartsWith(Prefix, StringComparison.Ordinal)
                    && long.TryParse(target.AsSpan()[Prefix.Length..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
                    && inodes.Contains(inode)
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process has ended, or is hidden from this user.
            return false;
        }
    }

    private static string NameOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }

    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
