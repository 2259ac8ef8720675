using System.Globalization;

namespace Containerd.Client.Workloads.Logs;

/// <summary>The output files of one start of a container, or of one exec.</summary>
/// <param name="Number">The number of the start, counted from 1.</param>
internal sealed record LogStart(int Number)
{
    /// <summary>The file of standard output; with a terminal, of all output.</summary>
    internal string? Stdout { get; private set; }

    /// <summary>The file of standard error.</summary>
    internal string? Stderr { get; private set; }

    /// <summary>
    /// The prefix of the files that the helper program writes, which have both streams and times; null where there are none.
    /// </summary>
    internal string? Records { get; private set; }

    /// <summary>The starts whose output is in a container's folder, the earliest first.</summary>
    internal static IReadOnlyList<LogStart> In(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        var starts = new SortedDictionary<int, LogStart>();
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path).Split('.');
            if (!int.TryParse(name[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                continue;
            if (!starts.TryGetValue(number, out var start))
                start = new LogStart(number);
            if (name is [_, "stdout"])
                start.Stdout = path;
            else if (name is [_, "stderr"])
                start.Stderr = path;
            else if (name is [_, _, "log"])
                start.Records = Path.Combine(folder, name[0]);
            else
                continue;
            starts[number] = start;
        }

        // Several starts may have written to one file of the user: it is read once.
        var all = starts.Values.ToList();
        all.RemoveAll(s => s.Target is string own && all.Exists(later => later.Number > s.Number && later.Target == own));
        return all;
    }

    /// <summary>The output of a process in these files; null if none of them exists.</summary>
    internal static LogStart? Of(string? stdout, string? stderr) =>
        stdout is null && stderr is null ? null : new LogStart(1) { Stdout = stdout, Stderr = stderr };

    /// <summary>The user's own file for the output, which ours is a link to.</summary>
    internal string? Target => Stdout is null ? null : new FileInfo(Stdout).LinkTarget;

    /// <summary>Where a task's output goes.</summary>
    /// <param name="starts">The starts of its container.</param>
    /// <param name="task">The task.</param>
    /// <returns>The start; null if its output goes elsewhere.</returns>
    internal static LogStart? Of(IReadOnlyList<LogStart> starts, CtrTask task)
    {
        // A helper that counts the starts writes to the last one: a container has one task at a time.
        if (LogHelper.OptionsOf(task.Stdout) is { } written)
            return starts.LastOrDefault(s => s.Records is { } records && (written.EachStart || records == written.Prefix));
        var path = task.Stdout.StartsWith("file://", StringComparison.Ordinal) ? new Uri(task.Stdout).LocalPath : task.Stdout;
        return path.Length > 0 ? starts.LastOrDefault(s => s.Records is null && (path == s.Stdout || path == s.Target)) : null;
    }

    /// <summary>Whether its last byte was written before a time.</summary>
    internal bool IsBefore(DateTime? moment) =>
        moment is DateTime since && Plain(null).All(f => File.GetLastWriteTimeUtc(f.Path) < since.ToUniversalTime());

    /// <summary>Its plain files, of one stream or of both.</summary>
    internal IEnumerable<(CtrOutput Stream, string Path)> Plain(CtrOutput? wanted)
    {
        if (Stdout is not null && wanted is not CtrOutput.Stderr)
            yield return (CtrOutput.Stdout, Stdout);
        if (Stderr is not null && wanted is not CtrOutput.Stdout)
            yield return (CtrOutput.Stderr, Stderr);
    }

    /// <summary>Whether nothing was written to the files of the helper program.</summary>
    internal bool IsUnwritten => Records is not null && RecordFiles(".log").All(path => new FileInfo(path) is { Exists: true, Length: 0 });

    /// <summary>Removes its files.</summary>
    internal void Delete()
    {
        foreach (var path in new[] { Stdout, Stderr }.OfType<string>())
            File.Delete(path);
        if (Records is null)
            return;
        foreach (var path in RecordFiles(""))
            File.Delete(path);
    }

    private string[] RecordFiles(string extension) =>
        Directory.GetFiles(Path.GetDirectoryName(Records)!, Path.GetFileName(Records) + ".*" + extension);
}
