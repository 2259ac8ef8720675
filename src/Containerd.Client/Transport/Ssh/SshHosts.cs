namespace Containerd.Client;

/// <summary>The host names that the user's ssh knows.</summary>
public static class SshHosts
{
    private const int DeepestInclude = 4;

    /// <summary>
    /// The aliases of ~/.ssh/config and what it includes, then the hosts of ~/.ssh/known_hosts; patterns and hashed names are omitted
    /// (ssh_config(5), sshd(8)).
    /// </summary>
    /// <returns>Their names, each once.</returns>
    public static IReadOnlyList<string> Known()
    {
        var folder = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        return
        [
            .. Aliases(Path.Combine(folder, "config"), folder, 0)
                .Concat(Met(Path.Combine(folder, "known_hosts")))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<string> Aliases(string file, string folder, int depth)
    {
        foreach (var line in Lines(file))
        {
            var words = line.Split([' ', '\t', '=', '"'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2)
                continue;
            if (words[0].Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                foreach (var name in words.Skip(1).Where(w => w.IndexOfAny(['*', '?', '!', '#']) < 0))
                    yield return name;
            }
            else if (words[0].Equals("Include", StringComparison.OrdinalIgnoreCase) && depth < DeepestInclude)
            {
                foreach (var name in words.Skip(1).SelectMany(w => Included(w, folder)).SelectMany(f => Aliases(f, folder, depth + 1)))
                    yield return name;
            }
        }
    }

    private static string[] Included(string pattern, string folder)
    {
        var path = pattern.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Path.GetDirectoryName(folder)!, pattern[2..])
            : Path.Combine(folder, pattern);
        try
        {
            return Directory.GetFiles(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [];
        }
    }

    private static IEnumerable<string> Met(string file)
    {
        foreach (var line in Lines(file))
        {
            // A line may start with a marker such as @cert-authority, which applies to patterns.
            if (line.StartsWith('#') || line.StartsWith('|') || line.StartsWith('@'))
                continue;
            foreach (var name in line.Split(' ')[0].Split(','))
            {
                // A host with another port is listed as [name]:port.
                var host =
                    name.StartsWith('[') && name.IndexOf(']', StringComparison.Ordinal) is var end and > 0
                        ? name[1..end] + name[(end + 1)..]
                        : name;
                if (host.Length > 0 && host.IndexOfAny(['*', '?', '!']) < 0)
                    yield return host;
            }
        }
    }

    private static string[] Lines(string file)
    {
        try
        {
            return [.. File.ReadAllLines(file).Select(line => line.Trim())];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
