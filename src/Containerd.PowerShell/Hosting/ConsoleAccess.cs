using System.Management.Automation;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Whether a cmdlet's user sits at this process's terminal.</summary>
internal static class ConsoleAccess
{
    // Hosts of runspaces that nobody looks at: a remote session's, and the one that a background runspace gets.
    private static readonly string[] BlindHosts = ["ServerRemoteHost", "Default Host"];

    /// <summary>Whether the host is one that a person looks at.</summary>
    internal static bool IsSeen(PSCmdlet cmdlet) => cmdlet.Host?.UI?.RawUI is not null && !BlindHosts.Contains(cmdlet.Host.Name);

    /// <summary>
    /// Refuses at once to read what is typed where nobody types: a job's or a remote session's standard input carries its own protocol.
    /// </summary>
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
            ErrorId = "NoTerminal",
            Remedy = "Pipe the input in, or omit -Interactive.",
        };
    }

    /// <summary>Refuses at once what needs a terminal where there is none.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="what">What needs it, to begin a sentence.</param>
    /// <param name="remedy">What to do without one.</param>
    /// <exception cref="CtrNotSupportedException">There is none (NoTerminal).</exception>
    internal static void Require(PSCmdlet cmdlet, string what, string remedy)
    {
        if (LocalTerminal.IsAvailable && IsSeen(cmdlet))
            return;
        throw new CtrNotSupportedException(
            OperatingSystem.IsLinux()
                ? $"{what} requires a terminal, which is not available: standard input or output is redirected, or this is a job or a remote session."
                : $"{what} requires a terminal on Linux."
        )
        {
            ErrorId = "NoTerminal",
            Remedy = remedy,
        };
    }
}
