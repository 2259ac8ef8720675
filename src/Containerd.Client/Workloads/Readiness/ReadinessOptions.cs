using System.Text.RegularExpressions;

namespace Containerd.Client;

/// <summary>The conditions for a container to be ready. All that are set have to be fulfilled, in any order.</summary>
public sealed record ReadinessOptions
{
    /// <summary>Whether the health check of the container has to have succeeded.</summary>
    public bool Healthy { get; init; }

    /// <summary>
    /// A regular expression that has to match somewhere in a line of the log of the current start, also in one that was written before the
    /// call; null for none.
    /// </summary>
    public Regex? LogPattern { get; init; }

    /// <summary>The TCP ports on each of which a process in the container has to listen.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>
    /// How long to wait for all conditions together; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
