using System.Globalization;

namespace Containerd.Client;

/// <summary>How a task ended, as one label: <c>code pid time</c>.</summary>
internal static class ExitLabel
{
    internal static string Write(CtrExit exit) => string.Create(CultureInfo.InvariantCulture, $"{exit.ExitCode} {exit.Pid} {exit.ExitedAt?.ToUniversalTime():O}");

    internal static CtrExit? Read(string containerId, string? label)
    {
        var parts = label?.Split(' ') ?? [];
        if (parts.Length != 3 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out var code) || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var pid))
            return null;
        return new CtrExit
        {
            ContainerId = containerId,
            ExitCode = code,
            Pid = pid,
            ExitedAt = DateTime.TryParse(parts[2], CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time) ? time.ToLocalTime() : null,
        };
    }
}
