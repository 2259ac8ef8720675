using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client.Transport;

/// <summary>Timestamps in the model: local time, and null for containerd's "never" (the zero time of Go, or a missing one).</summary>
internal static class WireTime
{
    internal static DateTime? Local(this Timestamp? time) => time is null || time.Seconds <= 0 ? null : time.ToDateTime().ToLocalTime();
}
