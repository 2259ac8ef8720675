using System.Text.RegularExpressions;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Readiness;
using Containerd.Host;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>
/// Waits until the program in a container is ready: until its log has a line, a port is open, or its health check succeeds.
/// </summary>
public sealed class ReadinessService
{
    private readonly RecordScope _ns;
    private readonly TaskLogs _logs;
    private readonly TaskService _tasks;

    internal ReadinessService(RecordScope ns, TaskLogs logs, TaskService tasks) => (_ns, _logs, _tasks) = (ns, logs, tasks);

    /// <summary>
    /// Waits for a line of a task's log that contains a text. The log has to be kept by this client, in any of its formats. A line counts
    /// when it is complete.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="text">The text, compared by its characters: upper and lower case differ.</param>
    /// <param name="options">Which lines count, and how long to wait; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The first line that contains the text.</returns>
    /// <exception cref="CtrNotFoundException">
    /// No such container (ContainerNotFound), it has no task (TaskNotFound), or the output of the task is not kept (LogNotFound).
    /// </exception>
    /// <exception cref="CtrProcessExitedException">The task exited and the line did not come (TaskExited).</exception>
    /// <exception cref="CtrTimeoutException">The line did not come in time (ReadinessTimedOut).</exception>
    /// <exception cref="CtrNotSupportedException">The daemon is not on this machine (DaemonNotLocal).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LogLine> WaitForLogLineAsync(
        string containerId,
        string text,
        LogWaitOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(text);
        var expected = $"contains '{text}'";
        return await new LogWait(_ns, _logs, _tasks, containerId, line => line.Contains(text, StringComparison.Ordinal), expected)
            .RunAsync(options ?? new LogWaitOptions(), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc cref="WaitForLogLineAsync(string, string, LogWaitOptions?, CancellationToken)" path="/summary"/>
    /// <param name="containerId">The container.</param>
    /// <param name="pattern">The regular expression that has to match somewhere in the line.</param>
    /// <param name="options">Which lines count, and how long to wait; null for the defaults.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The first line that matches.</returns>
    /// <inheritdoc cref="WaitForLogLineAsync(string, string, LogWaitOptions?, CancellationToken)" path="/exception"/>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<LogLine> WaitForLogLineAsync(
        string containerId,
        Regex pattern,
        LogWaitOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return await new LogWait(_ns, _logs, _tasks, containerId, pattern.IsMatch, $"matches '{pattern}'")
            .RunAsync(options ?? new LogWaitOptions(), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until a process listens on a TCP port in the network namespace of a task, on any address, the loopback address included. No
    /// connection is made: the kernel's table of sockets is read. If the container shares the network of its host, only a process of the
    /// container counts.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="port">The port inside the container, from 1 to 65535.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when the port is open.</returns>
    /// <exception cref="CtrNotFoundException">No such container (ContainerNotFound), or it has no task (TaskNotFound).</exception>
    /// <exception cref="CtrProcessExitedException">The task exited and the port was not open (TaskExited).</exception>
    /// <exception cref="CtrTimeoutException">The port was not open in time (ReadinessTimedOut).</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine, or has process ids of its own (DaemonNotLocal).
    /// </exception>
    /// <exception cref="CtrArgumentException">The port is not a number from 1 to 65535 (InvalidPort).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task WaitForPortAsync(string containerId, int port, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        RequirePort(port);
        if (!OperatingSystem.IsLinux())
            throw DaemonElsewhere.Error(_ns.Connection, ReadinessErrors.ReadPorts, "is not on Linux");
        await new PortWait(_ns, _tasks, containerId, port).RunAsync(timeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until a container is healthy: until the program that runs its health check records this for the current task. This client or
    /// nerdctl can be that program; the wait itself does not run the check. A container that becomes unhealthy can recover, so this does
    /// not end the wait.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that ends when the container is healthy.</returns>
    /// <exception cref="CtrNotFoundException">
    /// No such container (ContainerNotFound), it has no task (TaskNotFound), or no health check (HealthNotConfigured).
    /// </exception>
    /// <exception cref="CtrProcessExitedException">The task exited and was not healthy (TaskExited).</exception>
    /// <exception cref="CtrTimeoutException">
    /// The container was not healthy in time (ReadinessTimedOut); the message has the last status.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task WaitForHealthyAsync(string containerId, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        await new HealthWait(_ns, _tasks, containerId).RunAsync(timeout, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Waits until all conditions are fulfilled, within one time limit. The first error that is not a timeout ends the wait.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="options">The conditions, and how long to wait. Without a condition, the wait ends at once.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The task.</returns>
    /// <exception cref="CtrNotFoundException">
    /// No such container (ContainerNotFound), or it has no task (TaskNotFound), no health check (HealthNotConfigured) or no log
    /// (LogNotFound).
    /// </exception>
    /// <exception cref="CtrProcessExitedException">The task exited first (TaskExited).</exception>
    /// <exception cref="CtrTimeoutException">
    /// A condition was not fulfilled in time (ReadinessTimedOut); the message names each one.
    /// </exception>
    /// <exception cref="CtrNotSupportedException">The daemon is not on this machine (DaemonNotLocal).</exception>
    /// <exception cref="CtrArgumentException">A port is not a number from 1 to 65535 (InvalidPort).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> WaitAsync(string containerId, ReadinessOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var port in options.Ports)
            RequirePort(port);
        var waits = options.Ports.Distinct().Select(port => Wait(token => WaitForPortAsync(containerId, port, options.Timeout, token)));
        if (options.LogPattern is { } pattern)
        {
            var log = new LogWaitOptions { Timeout = options.Timeout };
            waits = waits.Prepend(token => WaitForLogLineAsync(containerId, pattern, log, token));
        }

        if (options.Healthy)
            waits = waits.Prepend(token => WaitForHealthyAsync(containerId, options.Timeout, token));
        await ConditionWaits.RunAsync(containerId, waits, cancellationToken).ConfigureAwait(false);
        return await _tasks.GetAsync(containerId, cancellationToken).ConfigureAwait(false);

        static Func<CancellationToken, Task> Wait(Func<CancellationToken, Task> wait) => wait;
    }

    private static void RequirePort(int port)
    {
        if (port is < 1 or > ushort.MaxValue)
            throw ReadinessErrors.InvalidPort(port);
    }
}
