using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The requirements of -Interactive for the console and for the other parameters.</summary>
internal static class ConsoleProcess
{
    /// <summary>Throws if the requirements are not met.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="unattended">The specified parameter that makes it a background process, if any.</param>
    /// <param name="hasInput">Whether the process has another input; null to derive it from the pipeline and -InputObject.</param>
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
                "-Interactive cannot be combined with input from the pipeline or -InputObject: the process has only one standard input.",
                "Use only one of them."
            );
        if (unattended is not null)
            throw ConflictingParameters.Error(
                $"-Interactive and -{unattended} cannot be combined: a background process does not read the console.",
                "Use -WithStdin to give the process standard input."
            );
        if (!parameters.Tty)
        {
            ConsoleAccess.RequireInput(cmdlet);
            return;
        }

        if (parameters.AsByteStream || parameters.Raw)
            throw ConflictingParameters.Error(
                "With -Interactive and -Tty, the output goes to the terminal: -Raw and -AsByteStream have no output to return.",
                "Omit -Tty, or -Raw and -AsByteStream."
            );
        ConsoleAccess.Require(
            cmdlet,
            $"{cmdlet.MyInvocation.MyCommand.Name} -Interactive -Tty",
            $"Omit -Tty: the process in '{containerId}' then reads this console's standard input."
        );
    }
}
