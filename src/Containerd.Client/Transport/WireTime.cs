using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client.Transport;

/// <summary>
/// Timestamps as the model has them: local time, and null for containerd's "never" (the zero time of Go, or none at all).
/// </summary>
internal static class WireTime
{
    internal static DateTime? Local(this Timestamp? time) => time is null || time.Seconds <= 0 ? null : time.ToDateTime().ToLocalTime();
}
