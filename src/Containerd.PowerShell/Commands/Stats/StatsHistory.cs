namespace Containerd.PowerShell;

/// <summary>The readings of the last minute, for the graphs of Show-CtrStats.</summary>
internal sealed class StatsHistory
{
    internal static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string? Session, string? Namespace, string Id), List<CtrStats>> _readings = [];

    /// <summary>Adds one reading of each task, and removes readings that are too old.</summary>
    internal void Add(IEnumerable<CtrStats> stats)
    {
        foreach (var reading in stats)
        {
            if (!_readings.TryGetValue(KeyOf(reading), out var readings))
                _readings.Add(KeyOf(reading), readings = []);
            // A round without new readings contains the previous ones again.
            if (readings.Count > 0 && readings[^1].Timestamp >= reading.Timestamp)
                continue;
            readings.Add(reading);
        }

        if (_readings.Count == 0)
            return;
        var oldest = _readings.Values.Max(readings => readings[^1].Timestamp) - Length;
        foreach (var (key, readings) in _readings.ToList())
        {
            readings.RemoveAll(reading => reading.Timestamp <= oldest);
            if (readings.Count == 0)
                _readings.Remove(key);
        }
    }

    /// <summary>
    /// Returns a figure of a task over the last minute, oldest first: the highest reading of each part of the minute, null for a part
    /// without one.
    /// </summary>
    /// <param name="stats">The last reading, at which the minute ends.</param>
    /// <param name="value">The figure.</param>
    /// <param name="parts">How many parts the minute has.</param>
    internal double?[] Of(CtrStats stats, Func<CtrStats, double?> value, int parts)
    {
        var highest = new double?[parts];
        foreach (var reading in _readings.GetValueOrDefault(KeyOf(stats), []))
        {
            var part = parts - 1 - (int)((stats.Timestamp - reading.Timestamp) / Length * parts);
            if (part >= 0 && part < parts && value(reading) is { } known)
                highest[part] = Math.Max(highest[part] ?? 0, known);
        }

        return highest;
    }

    private static (string?, string?, string) KeyOf(CtrStats stats) => (stats.Session?.Name, stats.Namespace, stats.ContainerId);
}
