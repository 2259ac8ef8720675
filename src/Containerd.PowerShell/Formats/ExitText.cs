using System.Globalization;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>How views show the exit of a process. The objects may come from a job or a remote session.</summary>
public static class ExitText
{
    /// <summary>The exit code of a task, an exit or a result.</summary>
    /// <param name="item">The object.</param>
    /// <returns>A text such as <c>137 (OOM)</c>; empty if there is no code.</returns>
    public static string Code(PSObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return Number(item) is { } code ? CtrLastExit.Describe(code, IsOom(item), null, default) : "";
    }

    /// <summary>The last exit of a container.</summary>
    /// <param name="exit">The exit.</param>
    /// <returns>A text such as <c>7, 2 minutes ago</c>; empty if there is none.</returns>
    public static string Last(PSObject? exit) =>
        exit is null
            ? ""
            : CtrLastExit.Describe(
                Number(exit),
                IsOom(exit),
                exit.Properties["ExitedAt"]?.Value is { } time && LanguagePrimitives.TryConvertTo<DateTime>(time, out var at) ? at : null,
                DateTime.Now
            );

    private static int? Number(PSObject item) =>
        item.Properties["ExitCode"]?.Value is { } code
        && LanguagePrimitives.TryConvertTo<int>(code, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static bool IsOom(PSObject item) => item.Properties["OomKilled"]?.Value is true;
}
