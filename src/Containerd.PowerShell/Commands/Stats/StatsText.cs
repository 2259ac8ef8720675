using System.Globalization;

namespace Containerd.PowerShell;

/// <summary>The figures of stats as tables show them: short, and a dash for unknown values.</summary>
public static class StatsText
{
    private const string Unknown = "-";
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size in at most seven characters, such as 1.25GiB.</summary>
    public static string Size(long? size)
    {
        if (size is not { } known)
            return Unknown;
        var value = (double)known;
        var unit = 0;
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
            value /= 1024;
        // Three digits, regardless of the decimal point.
        var form =
            unit == 0 || value >= 99.95 ? "0"
            : value >= 9.995 ? "0.#"
            : "0.##";
        return value.ToString(form, CultureInfo.InvariantCulture) + Units[unit];
    }

    /// <summary>Two sizes side by side, such as used and limit or in and out, in at most 15 characters.</summary>
    public static string Pair(long? first, long? second) => first is null && second is null ? Unknown : $"{Size(first)}/{Size(second)}";

    /// <summary>The used memory and the limit, or the memory of the host if there is no limit.</summary>
    public static string Memory(long? used, long? limit, long? host) => Pair(used, limit > host || limit is null ? host ?? limit : limit);

    /// <summary>A percentage, with a decimal below 100.</summary>
    public static string Percent(double? percent) =>
        percent is { } known ? known.ToString(known < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture) + "%" : Unknown;

    /// <summary>A number.</summary>
    public static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>Processor time of a process, as ps and top write it.</summary>
    public static string Time(TimeSpan? time) =>
        time is not { } known ? Unknown
        : known.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)known.TotalHours}:{known:mm\\:ss}")
        : known.ToString("m\\:ss\\.ff", CultureInfo.InvariantCulture);
}
