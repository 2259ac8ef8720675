namespace Containerd.PowerShell;

/// <summary>Suggests the correct name for a misspelled one.</summary>
internal static class NearestName
{
    /// <summary>Finds the known name with the smallest edit distance, if the distance is small for the length of the name.</summary>
    /// <param name="name">The misspelled name.</param>
    /// <param name="known">The names to choose from.</param>
    /// <returns>The nearest name; null if none is similar.</returns>
    internal static string? Of(string name, IEnumerable<string> known)
    {
        var (nearest, distance) = known
            .Select(k => (Name: k, Distance: Distance(name.ToUpperInvariant(), k.ToUpperInvariant())))
            .DefaultIfEmpty()
            .MinBy(static k => k.Distance);
        return nearest is not null && distance <= Math.Max(1, name.Length / 3) ? nearest : null;
    }

    /// <summary>
    /// The number of letters that must be added, removed, replaced or swapped with their neighbor (the optimal string alignment distance).
    /// </summary>
    private static int Distance(string from, string to)
    {
        var before = new int[to.Length + 1];
        var above = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var row = new int[to.Length + 1];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], above[j]) + 1, above[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, above) = (above, row);
        }

        return above[^1];
    }
}
