using Containerd.Client.Transport;

namespace Containerd.Client;

/// <summary>How to open a connection to a daemon.</summary>
public sealed record ConnectOptions
{
    /// <summary>The daemon's address; null for <c>$CONTAINERD_ADDRESS</c>, else the platform's socket.</summary>
    public string? Address { get; init; }

    /// <summary>For an <c>ssh://</c> address, what ssh is told beside it.</summary>
    public SshOptions? Ssh { get; init; }

    /// <summary>The containerd namespace for callers that name none; null for <c>$CONTAINERD_NAMESPACE</c>, else <c>default</c>.</summary>
    public string? Namespace { get; init; }

    /// <summary>The session's name; null for one made of its number.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// How long the daemon may take to answer its first calls; over SSH the time until its host has let us in belongs to it.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the daemon may take to answer a call; calls that may take minutes (hooks, copies of file systems, synchronous deletions)
    /// have 20 times as long, and streams
    /// end when the daemon is silent. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan OperationTimeout { get; init; } = CallLimits.Default;

    /// <summary>
    /// The folder for the helper program, which containerd starts for tasks whose log has timestamps or a size limit; null for a folder in
    /// the data of the daemon. Set it where the file system of that folder does not permit programs to be executed (noexec).
    /// </summary>
    public string? HelperFolder { get; init; }

    /// <summary>Sees each call on its way to the daemon, for tests that have to meet it at an exact moment.</summary>
    internal Grpc.Core.Interceptors.Interceptor? Interceptor { get; init; }
}
