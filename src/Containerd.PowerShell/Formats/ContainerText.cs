using System.Globalization;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Functions of the views of containers. The objects may come from a job or a remote session.</summary>
public static class ContainerText
{
    internal const string Restarting = "Restarting";

    /// <summary>The status of a container with its time.</summary>
    /// <param name="container">The container.</param>
    /// <param name="color">Whether the host shows colors, and colors are not disabled.</param>
    /// <returns>
    /// A text such as Running 5m, Running 5m (healthy), Restarting (7) 3s ago, Exited (7) 2m ago or Created; empty if the status is not
    /// known.
    /// </returns>
    public static string Status(PSObject container, bool color)
    {
        ArgumentNullException.ThrowIfNull(container);
        var text = Status(container, DateTime.Now);
        var status = IsRestarting(container) ? Restarting : $"{container.Properties["Status"]?.Value}";
        return color && ViewText.Color(status) is { } code ? code + text + ViewText.Reset : text;
    }

    /// <summary>The status of a container with its time.</summary>
    /// <param name="container">The container.</param>
    /// <param name="now">The time to count from.</param>
    /// <returns>The text.</returns>
    public static string Status(PSObject container, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(container);
        var status = $"{container.Properties["Status"]?.Value}";
        var isRestarting = IsRestarting(container);
        if (status != nameof(CtrStatus.Stopped) && !isRestarting)
        {
            // A check that was recorded before the last exit says nothing of a container that does not run.
            var health =
                status == nameof(CtrStatus.Running) && container.Properties["Health"]?.Value is { } known ? $" ({Health(known)})" : "";
            return (Time(container, "StartedAt") is { } start ? $"{status} {Age(now - start)}" : status) + health;
        }

        var exit = container.Properties["LastExit"]?.Value is { } value ? PSObject.AsPSObject(value) : new PSObject();
        var name =
            isRestarting ? Restarting
            : exit.Properties["OomKilled"]?.Value is true ? "OOM"
            : "Exited";
        var code = exit.Properties["ExitCode"]?.Value is { } number ? $" ({number})" : "";
        return Time(exit, "ExitedAt") is { } end ? $"{name}{code} {Age(now - end)} ago" : name + code;
    }

    private static bool IsRestarting(PSObject container) => container.Properties["IsRestarting"]?.Value is true;

    private static string Health(object health) =>
        $"{PSObject.AsPSObject(health).Properties["Status"]?.Value}".ToLowerInvariant() is { Length: > 0 } text
            ? CtrText.VisibleLine(text)
            : "unknown";

    private static DateTime? Time(PSObject item, string property) =>
        item.Properties[property]?.Value is { } value
        && LanguagePrimitives.TryConvertTo<DateTime>(value, CultureInfo.InvariantCulture, out var time)
            ? time.ToLocalTime()
            : null;

    private static string Age(TimeSpan time) =>
        time switch
        {
            { TotalMinutes: < 1 } => Number(Math.Max(0, time.TotalSeconds), 's'),
            { TotalHours: < 1 } => Number(time.TotalMinutes, 'm'),
            { TotalDays: < 2 } => Number(time.TotalHours, 'h'),
            _ => Number(time.TotalDays, 'd'),
        };

    private static string Number(double count, char unit) => string.Create(CultureInfo.InvariantCulture, $"{(long)count}{unit}");
}
