using Containerd.Host;

namespace Containerd.Client.Records;

/// <summary>How long a container has not run.</summary>
internal static class IdleContainer
{
    /// <summary>Whether a container that does not run stopped, or was created and never started, longer ago than that.</summary>
    /// <param name="container">The container, with its last exit.</param>
    /// <param name="age">The time; null for any.</param>
    internal static bool HasBeenIdleFor(this CtrContainer container, TimeSpan? age) =>
        age is not { } time || (container.LastExit?.ExitedAt ?? container.CreatedAt) < LongTime.Before(DateTime.Now, time);
}
