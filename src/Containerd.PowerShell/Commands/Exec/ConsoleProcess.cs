using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>What -Interactive asks of the console and of the other parameters.</summary>
internal static class ConsoleProcess
{
    /// <summary>Refuses at once what cannot be.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="unattended">A parameter that leaves the process to itself, if there is one.</param>
    /// <param name="hasInput">Whether the process has another input; null for what the pipeline and -InputObject show.</param>
    internal static void Require(
        PSCmdlet cmdlet,
        IProcessParameters parameters,
        string containerId,
        string? unattended = null,
        bool? hasInput = null
    )
    {
        if (!parameters.Interactive)
            return;
        if (hasInput ?? StandardInput.IsGiven(cmdlet.MyInvocation))
            throw ConflictingParameters.Error(
                "-Interactive has the process read the console's input, and it has another one from the pipeline or -InputObject.",
                "Give one of them."
            );
        if (unattended is not null)
            throw ConflictingParameters.Error(
                $"-Interactive and -{unattended} do not go together: a process that is left to itself does not read the console.",
                "Give it an input with -WithStdin."
            );
        if (!parameters.Tty)
        {
            ConsoleAccess.RequireInput(cmdlet);
            return;
        }

        if (parameters.AsByteStream || parameters.Raw)
            throw ConflictingParameters.Error(
                "With -Interactive and -Tty the output goes to the terminal: there is none for -Raw or -AsByteStream.",
                "Leave out -Tty, or the other one."
            );
        ConsoleAccess.Require(
            cmdlet,
            $"{cmdlet.MyInvocation.MyCommand.Name} -Interactive -Tty",
            $"Leave out -Tty: '{containerId}' then reads what standard input gives."
        );
    }
}
