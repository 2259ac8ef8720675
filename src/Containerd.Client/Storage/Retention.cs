using System.Globalization;

namespace Containerd.Client.Storage;

/// <summary>Protects new objects from the garbage collector.</summary>
internal static class Retention
{
    /// <summary>Objects with this label are kept until it is removed; its value is the time at which it was set.</summary>
    internal const string Root = "containerd.io/gc.root";

    /// <summary>The expiry of a lease.</summary>
    internal const string Expire = "containerd.io/gc.expire";

    /// <summary>Labels for a new object: those of the caller, and without a lease the label that protects it.</summary>
    internal static Dictionary<string, string> Labels(StorageScope ns, IReadOnlyDictionary<string, string>? wanted)
    {
        var labels = new Dictionary<string, string>(wanted ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        if (ns.Lease is null)
            labels.TryAdd(Root, Time(DateTime.UtcNow));
        return labels;
    }

    internal static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The expiry of a lease with these labels; null for none, also if the time cannot be parsed.</summary>
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
