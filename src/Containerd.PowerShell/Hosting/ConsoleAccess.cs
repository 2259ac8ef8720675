using System.Management.Automation;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Whether the user of a cmdlet uses the terminal of this process.</summary>
internal static class ConsoleAccess
{
    // Hosts that are not visible to a user: that of a remote session, and that of a background runspace.
    private static readonly string[] BlindHosts = ["ServerRemoteHost", "Default Host"];

    /// <summary>Whether the host is visible to a user.</summary>
    internal static bool IsSeen(PSCmdlet cmdlet) => cmdlet.Host?.UI?.RawUI is not null && !BlindHosts.Contains(cmdlet.Host.Name);

    /// <summary>Throws if no user can type input: standard input of a job or a remote session carries its own protocol.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <exception cref="CtrNotSupportedException">There is no console (NoTerminal).</exception>
    internal static void RequireInput(PSCmdlet cmdlet)
    {
        if (IsSeen(cmdlet))
            return;
        throw new CtrNotSupportedException(
            $"{cmdlet.MyInvocation.MyCommand.Name} -Interactive reads your input from the console, but this is a job or a remote session."
        )
        {
            ErrorId = ErrorIds.NoTerminal,
            Remedy = "Pipe the input in, or omit -Interactive.",
        };
    }

    /// <summary>Throws if there is no terminal.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="what">The subject that requires it, for the start of a sentence.</param>
    /// <param name="remedy">The remedy.</param>
    /// <exception cref="CtrNotSupportedException">There is no terminal (NoTerminal).</exception>
    internal static void Require(PSCmdlet cmdlet, string what, string remedy)
    {
        if (LocalTerminal.IsAvailable && IsSeen(cmdlet))
            return;
        throw new CtrNotSupportedException(
            OperatingSystem.IsLinux()
                ? $"{what} needs a terminal, and there is none here: standard input or output is redirected, or this is a job or a "
                    + "remote session."
                : $"{what} requires a terminal on Linux."
        )
        {
            ErrorId = ErrorIds.NoTerminal,
            Remedy = remedy,
        };
    }
}
