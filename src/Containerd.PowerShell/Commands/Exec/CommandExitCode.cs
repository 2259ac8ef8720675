namespace Containerd.PowerShell;

/// <summary>The exit codes of commands that did not start, as shells and Docker report them.</summary>
internal static class CommandExitCode
{
    /// <summary>The daemon or the runtime failed, or the container is not in a state to run a command.</summary>
    internal const int NotRun = 125;

    /// <summary>The command exists, and cannot be executed.</summary>
    internal const int NotExecutable = 126;

    /// <summary>The command does not exist.</summary>
    internal const int NotFound = 127;

    internal static int Of(CtrException failure) =>
        failure.ErrorId switch
        {
            ErrorIds.CommandNotFound or ErrorIds.ShellNotFound => NotFound,
            ErrorIds.CommandNotExecutable or ErrorIds.WorkingDirectoryNotFound => NotExecutable,
            _ => NotRun,
        };

    /// <summary>Whether a failure is that of the command, which -PassThru reports as a result. Any other failure is an error.</summary>
    internal static bool IsTheCommands(CtrException failure) => Of(failure) != NotRun;
}
