namespace Containerd;

/// <summary>The exit of a container's last task, which is shown as <c>7, 2 minutes ago</c>.</summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(ExecId),
    nameof(Pid),
    nameof(ExitCode),
    nameof(ExitedAt),
    Key = new[] { nameof(ContainerId), nameof(ExecId) }
)]
public sealed class CtrLastExit : CtrExit
{
    /// <summary>The exit code and the time since the exit.</summary>
    /// <returns>A text such as <c>137 (OOM), 2 minutes ago</c>.</returns>
    public override string ToString() => Describe(ExitCode, OomKilled, ExitedAt, DateTime.Now);

    /// <summary>Describes an exit in a few words.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="oomKilled">Whether memory ran out.</param>
    /// <param name="exitedAt">When the process ended.</param>
    /// <param name="now">The time to count from.</param>
    /// <returns>The text.</returns>
    public static string Describe(int? exitCode, bool? oomKilled, DateTime? exitedAt, DateTime now)
    {
        var code = exitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "unknown";
        var oom = oomKilled == true ? " (OOM)" : "";
        return exitedAt is { } time ? $"{code}{oom}, {Ago(now - time)}" : code + oom;
    }

    private static string Ago(TimeSpan time) =>
        time switch
        {
            { TotalSeconds: < 1 } => "now",
            { TotalMinutes: < 1 } => Ago((int)time.TotalSeconds, "second"),
            { TotalHours: < 1 } => Ago((int)time.TotalMinutes, "minute"),
            { TotalDays: < 2 } => Ago((int)time.TotalHours, "hour"),
            _ => Ago((int)time.TotalDays, "day"),
        };

    private static string Ago(int count, string unit) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")} ago");
}
