using System.Globalization;

namespace Containerd.Client.Storage;

/// <summary>What keeps what is made here from the garbage collector.</summary>
internal static class Retention
{
    /// <summary>Whatever has this label is kept until the label goes; its value is the time when it was set.</summary>
    internal const string Root = "containerd.io/gc.root";

    /// <summary>When a lease ends by itself.</summary>
    internal const string Expire = "containerd.io/gc.expire";

    /// <summary>Labels for something new: what the caller wants, and where no lease holds it the label that keeps it.</summary>
    internal static Dictionary<string, string> Labels(StorageScope ns, IReadOnlyDictionary<string, string>? wanted)
    {
        var labels = new Dictionary<string, string>(wanted ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        if (ns.Lease is null)
            labels.TryAdd(Root, Time(DateTime.UtcNow));
        return labels;
    }

    internal static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>When a lease with these labels ends; null for never, which an unreadable time means too.</summary>
    internal static DateTime? ExpiresAt(IDictionary<string, string> labels) =>
        labels.TryGetValue(Expire, out var text)
        && DateTime.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
            out var utc
        )
            ? utc.ToLocalTime()
            : null;
}
