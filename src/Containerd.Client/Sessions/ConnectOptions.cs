namespace Containerd.Client;

/// <summary>How to open a connection to a daemon.</summary>
public sealed class ConnectOptions
{
    /// <summary>The daemon's address; null for <c>$CONTAINERD_ADDRESS</c>, else the platform's socket.</summary>
    public string? Address { get; init; }

    /// <summary>The containerd namespace for callers that name none; null for <c>$CONTAINERD_NAMESPACE</c>, else <c>default</c>.</summary>
    public string? Namespace { get; init; }

    /// <summary>The session's name; null for one made of its number.</summary>
    public string? Name { get; init; }

    /// <summary>How long the daemon may take to answer its first call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
