namespace Containerd.Host.Networks.Names;

/// <summary>
/// The servers in the file resolv.conf of a container whose networks have a name server. They replace those of the file, which are kept as
/// comments between two marks: some resolvers ask all servers at once, and take the first answer, also one that a name does not exist.
/// </summary>
internal static class ResolverFile
{
    // The C libraries use no more.
    private const int MostServers = 3;

    private const string Start = "# <containerd-powershell>";
    private const string End = "# </containerd-powershell>";
    private const string Server = "nameserver ";
    private const string Kept = "# " + Server;

    /// <summary>Replaces the servers of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="servers">The name servers of the networks; empty to use those of the file again.</param>
    internal static string Replace(string text, IReadOnlyList<string> servers)
    {
        var lines = text.Split('\n').ToList();
        // What follows the last line break.
        if (lines[^1].Length == 0)
            lines.RemoveAt(lines.Count - 1);
        var start = lines.IndexOf(Start);
        var end = start < 0 ? -1 : lines.IndexOf(End, start);
        if (end >= 0)
        {
            var kept = lines[(start + 1)..end].Where(l => l.StartsWith(Kept, StringComparison.Ordinal)).Select(l => l["# ".Length..]);
            lines = [.. lines[..start], .. kept, .. lines[(end + 1)..]];
        }
        else if (servers.Count == 0)
        {
            return text;
        }

        if (servers.Count > 0)
        {
            var own = lines.Where(IsServer).ToList();
            var at = own.Count > 0 ? lines.FindIndex(IsServer) : lines.Count;
            lines.RemoveAll(IsServer);
            lines.InsertRange(at, [Start, .. servers.Take(MostServers).Select(s => Server + s), .. own.Select(l => "# " + l), End]);
        }

        return string.Concat(lines.Select(l => l + "\n"));
    }

    private static bool IsServer(string line) => line.StartsWith(Server, StringComparison.Ordinal);
}
