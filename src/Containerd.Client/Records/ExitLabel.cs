using System.Globalization;

namespace Containerd.Client.Records;

/// <summary>The exit of a task as one label: <c>code pid time</c>, and <c>oom</c> or <c>no-oom</c> if that is known.</summary>
internal static class ExitLabel
{
    private const string Oom = "oom";
    private const string NoOom = "no-oom";

    internal static string Write(CtrExit exit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{exit.ExitCode} {exit.Pid} "
                + $"{exit.ExitedAt?.ToUniversalTime():O}{(exit.OomKilled switch { true => " " + Oom, false => " " + NoOom, null => "" })}"
        );

    internal static CtrExit? Read(string containerId, string? label)
    {
        var parts = label?.Split(' ') ?? [];
        if (
            parts.Length is not (3 or 4)
            || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var code)
            || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var pid)
        )
            return null;
        return new CtrLastExit
        {
            ContainerId = containerId,
            ExitCode = code,
            Pid = pid,
            OomKilled = parts.Length < 4 ? null : parts[3] == Oom,
            ExitedAt = DateTime.TryParse(
                parts[2],
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
                out var time
            )
                ? time.ToLocalTime()
                : null,
        };
    }
}
