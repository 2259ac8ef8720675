using Containerd.Client.Transport;

namespace Containerd.Client;

/// <summary>Options for a connection to a daemon.</summary>
public sealed record ConnectOptions
{
    /// <summary>The address of the daemon; null for <c>$CONTAINERD_ADDRESS</c>, or else the default socket of the platform.</summary>
    public string? Address { get; init; }

    /// <summary>Options of ssh for an <c>ssh://</c> address.</summary>
    public SshOptions? Ssh { get; init; }

    /// <summary>The default containerd namespace; null for <c>$CONTAINERD_NAMESPACE</c>, or else <c>default</c>.</summary>
    public string? Namespace { get; init; }

    /// <summary>The name of the session; null for a name with its number.</summary>
    public string? Name { get; init; }

    /// <summary>The time limit for the daemon's answer to the first calls; over SSH it includes the connection to the host.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The time limit for the daemon's answer to a call; calls that may take minutes (hooks, copies of file systems, synchronous deletions)
    /// may take 20 times as long, and streams end when the daemon stops responding. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan OperationTimeout { get; init; } = CallLimits.Default;

    /// <summary>
    /// The folder for the helper program, which containerd starts for tasks whose log has timestamps or a size limit; null for a folder in
    /// the data of the daemon. Set it where the file system of that folder does not permit programs to be executed (noexec).
    /// </summary>
    public string? HelperFolder { get; init; }

    /// <summary>Intercepts each call to the daemon, for tests that depend on its exact time.</summary>
    internal Grpc.Core.Interceptors.Interceptor? Interceptor { get; init; }
}
