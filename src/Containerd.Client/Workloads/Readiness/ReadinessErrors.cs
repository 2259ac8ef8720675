using System.Globalization;
using System.Text.RegularExpressions;
using Containerd.Host;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>Errors of waits for a container that does not become ready.</summary>
internal static class ReadinessErrors
{
    /// <summary>What is possible only on the daemon's machine, in words that follow in an error.</summary>
    internal const string ReadPorts = "The ports of a task can be read";

    /// <summary>The task exited, or was replaced, and the wait has nothing to wait for.</summary>
    /// <param name="exit">The exit; without a code if it is not known.</param>
    /// <param name="how">How the task ended, if that is not its exit.</param>
    /// <param name="expected">What was expected, in words that follow "before".</param>
    /// <param name="last">The last line that was read, if the wait reads a log.</param>
    internal static CtrProcessExitedException Exited(CtrExit exit, string? how, string expected, LogLine? last) =>
        new(
            $"The task of container '{exit.ContainerId}' "
                + (how ?? (exit.ExitCode is { } code ? $"exited with code {code}" : "exited with an unknown code"))
                + $" before {expected}{Last(last)}."
        )
        {
            ErrorId = ErrorIds.TaskExited,
            Subject = exit.ContainerId,
            Exit = exit,
            Remedy = "Read the container's log for the reason.",
        };

    /// <summary>The container has no health check, so it does not become healthy.</summary>
    internal static CtrNotFoundException HealthNotConfigured(string containerId) =>
        new($"Container '{containerId}' has no health check.")
        {
            ErrorId = ErrorIds.HealthNotConfigured,
            Subject = containerId,
            Remedy = "Create the container with a health check, or wait for a line of its log or for an open port.",
        };

    /// <summary>The container was not healthy in time.</summary>
    internal static CtrTimeoutException HealthTimedOut(string containerId, TimeSpan timeout, CtrHealth? last)
    {
        var status = last switch
        {
            null => "no program has checked its health since its start",
            { Status: CtrHealthStatus.Starting } => "its status is still 'starting', so perhaps no program checks its health",
            { Status: CtrHealthStatus.Unhealthy, FailingStreak: > 0 and var failed } =>
                $"its status is 'unhealthy', after {failed} failed check{(failed == 1 ? "" : "s")}",
            _ => $"its status is '{last}'",
        };
        var timedOut = TimedOut($"Container '{containerId}' was not healthy within {new CtrDuration(timeout)}; {status}.", containerId);
        return last is { Status: CtrHealthStatus.Unhealthy }
            ? timedOut
            : new CtrTimeoutException(timedOut.Message)
            {
                ErrorId = timedOut.ErrorId,
                Subject = containerId,
                RemedyId = "CheckHealth",
                Remedy = "containerd checks no health by itself: run a program that does, or wait longer.",
            };
    }

    /// <summary>Several conditions were not fulfilled in time.</summary>
    internal static CtrTimeoutException Together(string containerId, IReadOnlyList<CtrTimeoutException> late) =>
        TimedOut(string.Join(' ', late.Select(error => error.Message)), containerId);

    /// <summary>The caller's pattern takes longer than it may.</summary>
    internal static CtrArgumentException PatternTooSlow(RegexMatchTimeoutException error) =>
        new($"The pattern '{error.Pattern}' takes longer than {new CtrDuration(error.MatchTimeout)} for one line of the log.", error)
        {
            ErrorId = ErrorIds.InvalidPattern,
            Subject = error.Pattern,
            Remedy = "Use a pattern without nested repetitions.",
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

    private static string Last(LogLine? line) => line is null ? "" : $"; the last line was '{line.Text}'";
}
