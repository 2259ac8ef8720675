using System.Globalization;

namespace Containerd.Host.Facts;

/// <summary>The number of processors of this machine, regardless of this process's affinity.</summary>
internal static class HostProcessors
{
    /// <summary>The number of online processors; null if it cannot be read.</summary>
    internal static int? Count()
    {
        try
        {
            return Count(File.ReadAllText("/sys/devices/system/cpu/online"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Counts a list such as 0-3,8; null if it is not one.</summary>
    internal static int? Count(string list)
    {
        var count = 0;
        foreach (var part in list.Trim().Split(','))
        {
            var ends = part.Split('-');
            if (
                ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first
            )
                return null;
            count += last - first + 1;
        }

        return count;
    }
}
