using System.Globalization;
using System.Text;

namespace Containerd.PowerShell;

/// <summary>
/// Formats the stats of many tasks for a terminal window: totals, titles, and one line for each task, in the requested order.
/// </summary>
internal static class StatsScreen
{
    /// <summary>
    /// The columns besides the container's id. A narrow window omits the last ones first. All of them fit into 80 columns.
    /// </summary>
    private static readonly Column[] Columns =
    [
        new("CPU", 6, s => StatsText.Percent(s.CpuPercent)),
        new("MEM / LIMIT", 15, s => StatsText.Memory(s.MemoryUsed, s.MemoryLimit, s.HostMemory)),
        new("MEM", 5, s => StatsText.Percent(s.MemoryPercent)),
        new("PIDS", 5, s => StatsText.Number(s.Pids)),
        new("NET RX / TX", 15, s => StatsText.Pair(s.NetworkRx, s.NetworkTx)),
        new("BLOCK RD / WR", 15, s => StatsText.Pair(s.BlockRead, s.BlockWrite)),
    ];

    private const int ShortestId = 12;
    private const int LongestId = 40;

    // Graphs are shown if this width remains for a name.
    private const int IdBesideGraphs = 20;
    private const int ShortestGraph = 10;
    private const int LongestGraph = 30;

    /// <summary>Draws one screen.</summary>
    /// <param name="stats">The tasks.</param>
    /// <param name="failures">The errors, by container id.</param>
    /// <param name="history">The readings of the last minute, for graphs.</param>
    /// <param name="title">The title: sessions and namespaces.</param>
    /// <param name="order">The sort order.</param>
    /// <param name="width">The window's columns.</param>
    /// <param name="height">The window's lines.</param>
    /// <param name="interruption">The reason why the figures are old, shown instead of the totals; null if they are current.</param>
    /// <returns>The lines, which fit into the window.</returns>
    internal static IReadOnlyList<string> Draw(
        IReadOnlyList<CtrStats> stats,
        IReadOnlyDictionary<string, string> failures,
        StatsHistory history,
        string title,
        CtrStatsOrder order,
        int width,
        int height,
        string? interruption = null
    )
    {
        // After a character in the last column, some terminals do not wrap to the next line yet.
        width = Math.Max(1, width - 1);
        var columns = Columns.Length;
        while (columns > 1 && ShortestId + Columns.Take(columns).Sum(c => c.Width + 1) > width)
            columns--;
        var shown = WithGraphs(Columns[..columns], history, width);
        var idWidth = Math.Clamp(width - shown.Sum(c => c.Width + 1), 1, LongestId);
        var sessions = stats.Select(s => s.Session).Distinct().Count() > 1;
        var namespaces = stats.Select(s => s.Namespace).Distinct().Count() > 1;
        string NameOf(CtrStats s) => $"{(sessions ? s.Session + ":" : "")}{(namespaces ? s.Namespace + "/" : "")}{s.ContainerId}";

        var lines = new List<string>
        {
            Cut(interruption ?? Summary(stats, title), width),
            Row("CONTAINER", shown.Select(c => c.Title), shown, idWidth, width),
        };
        lines.AddRange(
            stats
                .OrderByDescending(s => Weight(s, order))
                .ThenBy(s => s.Namespace, StringComparer.Ordinal)
                .ThenBy(s => s.ContainerId, StringComparer.Ordinal)
                .Select(s => Row(NameOf(s), shown.Select(c => c.Text(s)), shown, idWidth, width))
        );
        lines.AddRange(failures.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => Cut($"{Fit(f.Key, idWidth)} {f.Value}", width)));
        if (lines.Count > height && height > 0)
        {
            var hidden = lines.Count - height + 1;
            lines.RemoveRange(height - 1, hidden);
            if (height > 2)
                lines.Add(Cut(string.Create(CultureInfo.InvariantCulture, $"… {hidden} more"), width));
        }

        return lines;
    }

    /// <summary>Adds graphs of the processor time and memory of the last minute, if the window is wide enough.</summary>
    private static Column[] WithGraphs(Column[] columns, StatsHistory history, int width)
    {
        var length = Math.Min(LongestGraph, ((width - IdBesideGraphs - columns.Sum(c => c.Width + 1)) / 2) - 1);
        if (length < ShortestGraph || columns.Length < Columns.Length)
            return columns;
        var blocks = GraphText.HasBlocks;
        return
        [
            columns[0],
            // A full block is one processor, or as many as the task had at its highest.
            new("CPU 1 MIN", length, s => Draw(history.Of(s, r => r.CpuPercent, length), blocks)),
            .. columns[1..3],
            new("MEM 1 MIN", length, s => GraphText.Draw(history.Of(s, r => r.MemoryPercent, length), 100, blocks)),
            .. columns[3..],
        ];

        static string Draw(double?[] values, bool blocks) => GraphText.Draw(values, Math.Max(100, values.Max() ?? 0), blocks);
    }

    private static double Weight(CtrStats stats, CtrStatsOrder order) =>
        order switch
        {
            CtrStatsOrder.Cpu => stats.CpuPercent ?? 0,
            CtrStatsOrder.Memory => stats.MemoryUsed ?? 0,
            CtrStatsOrder.Pids => stats.Pids ?? 0,
            CtrStatsOrder.Network => (stats.NetworkRx ?? 0.0) + (stats.NetworkTx ?? 0.0),
            CtrStatsOrder.BlockIO => (stats.BlockRead ?? 0.0) + (stats.BlockWrite ?? 0.0),
            _ => 0,
        };

    private static string Summary(IReadOnlyList<CtrStats> stats, string title)
    {
        var memory = stats.Sum(s => s.MemoryUsed);
        var cpu = stats.Any(s => s.CpuPercent is not null) ? stats.Sum(s => s.CpuPercent ?? 0) : (double?)null;
        var time = (stats.Count > 0 ? stats.Max(s => s.Timestamp) : DateTime.Now).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{time}  tasks {stats.Count}  CPU {StatsText.Percent(cpu)}  memory {StatsText.Size(memory)}  pids "
                + $"{stats.Sum(s => s.Pids ?? 0)}  (q quits)  {title}"
        );
    }

    private static string Row(string id, IEnumerable<string> texts, Column[] columns, int idWidth, int width)
    {
        var line = new StringBuilder(Fit(id, idWidth));
        foreach (var (text, column) in texts.Zip(columns))
            line.Append(' ').Append(text.PadLeft(column.Width));
        return Cut(line.ToString(), width);
    }

    private static string Fit(string text, int width) => Cut(text, width).PadRight(width);

    /// <summary>Names and messages of a shim may contain any characters, and this text goes to a terminal.</summary>
    private static string Cut(string text, int width) =>
        CtrText.VisibleLine(
            text.Length <= width ? text
            : width > 1 ? text[..(width - 1)] + "…"
            : text[..width]
        );

    private sealed record Column(string Title, int Width, Func<CtrStats, string> Text);
}
