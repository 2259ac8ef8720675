using System.Globalization;
using Containerd.Host;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>Errors of waits for a container that does not become ready.</summary>
internal static class ReadinessErrors
{
    /// <summary>What is possible only on the daemon's machine, in words that follow in an error.</summary>
    internal const string ReadPorts = "The ports of a task can be read";

    /// <summary>The task ended, or was replaced, and the wait has nothing to wait for.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="task">The task now; null if it was removed.</param>
    /// <param name="expected">What was expected, in words that follow "before".</param>
    /// <param name="last">The last line that was read, if the wait reads a log.</param>
    internal static CtrConflictException Ended(string containerId, CtrTask? task, string expected, LogLine? last) =>
        new($"The task of container '{containerId}' {How(task)} before {expected}{Last(last)}.")
        {
            ErrorId = ErrorIds.TaskEndedBeforeReady,
            Subject = containerId,
            Remedy = "Read the container's log for the reason.",
        };

    /// <summary>The line did not come in time.</summary>
    internal static CtrTimeoutException LineTimedOut(string containerId, string expected, TimeSpan timeout, LogLine? last) =>
        TimedOut(
            $"The log of container '{containerId}' had no line that {expected} within {new CtrDuration(timeout)}{Last(last)}.",
            containerId
        );

    /// <summary>The port was not open in time.</summary>
    internal static CtrTimeoutException PortTimedOut(string containerId, int port, TimeSpan timeout) =>
        TimedOut($"No process in container '{containerId}' listened on TCP port {port} within {new CtrDuration(timeout)}.", containerId);

    /// <summary>There is no port of this number.</summary>
    internal static CtrArgumentException InvalidPort(int port) =>
        new($"{port} is not a TCP port.")
        {
            ErrorId = ErrorIds.InvalidPort,
            Subject = port.ToString(CultureInfo.InvariantCulture),
            Remedy = "Use a number from 1 to 65535.",
        };

    private static CtrTimeoutException TimedOut(string message, string containerId) =>
        new(message)
        {
            ErrorId = ErrorIds.ReadinessTimedOut,
            Subject = containerId,
            Remedy = "Check the container's log and its processes, or wait longer.",
        };

    private static string How(CtrTask? task) =>
        task switch
        {
            null => "was removed",
            { ExitCode: { } code } => $"exited with code {code}",
            { Status: CtrStatus.Stopped } => "stopped",
            _ => "was replaced by another one",
        };

    private static string Last(LogLine? line) => line is null ? "" : $"; the last line was '{line.Text}'";
}
