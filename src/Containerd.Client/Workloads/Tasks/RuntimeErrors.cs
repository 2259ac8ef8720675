using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// Runtimes report errors through containerd only as text (status Unknown). Their messages for the most common mistakes are recognized
/// here, for runc and crun, and converted to errors that name the mistake.
/// </summary>
internal static partial class RuntimeErrors
{
    /// <summary>The error for a failure of the runtime to create or start the process of a container's spec.</summary>
    internal static CtrException Explain(CtrException error, CtrContainer container) =>
        Explain(error, container.ContainerId, container.Spec?.Process?.Args ?? []);

    /// <summary>The error for a failure of the runtime to create or start a process.</summary>
    internal static CtrException Explain(CtrException error, string containerId, IReadOnlyList<string> command)
    {
        // Failures of a restore are those of CRIU, and its caller reads CRIU's log.
        if (error is not CtrRuntimeException failure || error.Message.Contains("OCI runtime restore failed", StringComparison.Ordinal))
            return error;
        var text = error.Message;
        if (RuntimeNotFound(text, error) is { } notFound)
            return notFound;
        // For an exec of another client, only the runtime knows its command.
        var program =
            command.Count > 0
                ? command[0]
                : QuotedProgram().Match(text).Groups.Values.Skip(1).Select(g => g.Value).FirstOrDefault(v => v.Length > 0) ?? "";
        bool Says(params string[] parts) => parts.Any(p => text.Contains(p, StringComparison.OrdinalIgnoreCase));

        if (
            Says("executable file not found", "not found in $PATH", $"executable file `{program}` not found")
            || (Says($"exec: \"{program}\"", $"exec {program}", $"open executable") && Says("no such file or directory"))
        )
        {
            return new CtrNotFoundException($"There is no command '{program}' in container '{containerId}'.", error)
            {
                ErrorId = ErrorIds.CommandNotFound,
                Subject = program,
                Remedy = "Use a program that the image contains, with its full path if it is not in the container's PATH.",
            };
        }

        // runc since 1.2 names it; crun and older versions of runc report a directory differently, which is recognized below.
        if (program.Length > 0 && Says("is a directory") && Says($"exec: \"{program}\"", $"exec {program}", $"`{program}`", $"{program}: "))
        {
            return new CtrArgumentException($"'{program}' cannot be run in container '{containerId}': it is a directory.", error)
            {
                ErrorId = ErrorIds.CommandNotExecutable,
                Subject = program,
                Remedy = "Use a program that the image contains.",
            };
        }

        if (
            Says(
                $"exec: \"{program}\": permission denied",
                "exec format error",
                "open executable: ",
                "exists but it is not executable",
                $"`{program}` is not a regular file"
            ) || (Says("permission denied") && Says($"`{program}`", $"{program}: "))
        )
        {
            return new CtrArgumentException(
                $"'{program}' cannot be run in container '{containerId}': it is not a program for this platform, or its file mode "
                    + "does not allow it.",
                error
            )
            {
                ErrorId = ErrorIds.CommandNotExecutable,
                Subject = program,
                Remedy = "Use an image for this platform, or set the execute bits of the file's mode.",
            };
        }

        // runc creates a missing one, and fails if it is a file.
        if (Says("chdir to cwd", "chdir to `", "chdir `", "error during container init: mkdir "))
        {
            return new CtrNotFoundException($"The working directory does not exist in container '{containerId}'.", error)
            {
                ErrorId = ErrorIds.WorkingDirectoryNotFound,
                Subject = containerId,
                RemedyId = "WorkingDirectory",
                Remedy = "Use a working directory that exists in the container.",
            };
        }

        if (Says("cannot exec in a stopped", "container not running", "not in running state", "cannot exec in a deleted", "is not running"))
        {
            return new CtrConflictException($"Container '{containerId}' is not running.", error)
            {
                ErrorId = ErrorIds.TaskNotRunning,
                Subject = containerId,
                Remedy = "Start its task first.",
            };
        }

        if (Says("cannot exec in a paused", "cannot exec in a paused state", "paused container"))
        {
            return new CtrConflictException($"Container '{containerId}' is paused.", error)
            {
                ErrorId = ErrorIds.TaskPaused,
                Subject = containerId,
                Remedy = "Resume it first.",
            };
        }

        if (IsAlreadyStarted(error))
        {
            return new CtrConflictException($"The task of container '{containerId}' has already been started.", error)
            {
                ErrorId = ErrorIds.TaskExists,
                Subject = containerId,
                RemedyId = "Remove",
                Remedy = "Remove the task, and then start it again.",
            };
        }

        return RuntimeSetupErrors.Explain(failure, containerId) ?? error;
    }

    /// <summary>Whether a runtime refuses to start a process because it is running, or has exited.</summary>
    internal static bool IsAlreadyStarted(CtrException error) => AlreadyStarted().IsMatch(error.Message);

    [GeneratedRegex(
        "cannot start a container that has stopped|cannot start a (running|stopped)|process already started|container is already "
            + "running|cannot start an already running|container process is already dead",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex AlreadyStarted();

    [GeneratedRegex("exec: \"([^\"]+)\"|executable file `([^`]+)`")]
    private static partial Regex QuotedProgram();

    /// <summary>The program of the runtime, or its shim, is missing; the command of the container was not searched.</summary>
    private static CtrNotFoundException? RuntimeNotFound(string text, Exception cause)
    {
        if (MissingRuntime().Match(text) is not { Success: true } missing)
            return null;
        var name = missing.Groups["name"].Value;
        return new CtrNotFoundException($"The runtime '{name}' does not exist on the daemon's host.", cause)
        {
            ErrorId = ErrorIds.RuntimeNotFound,
            Subject = name,
            RemedyId = "Install",
            Remedy = "Install it in a folder of the daemon's PATH, or create the container with another runtime or other runtime options.",
        };
    }

    [GeneratedRegex(
        """unable to retrieve OCI runtime error .*\): (exec: "(?<name>[^"]+)": executable file not found|fork/exec (?<name>\S+): no such file)|binary not installed "(?<name>[^"]+)"|invalid custom binary path: stat (?<name>[^:]+): no such file"""
    )]
    private static partial Regex MissingRuntime();
}
