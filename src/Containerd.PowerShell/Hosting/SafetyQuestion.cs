using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A confirmation of an operation that may harm the machine, which -Force skips. If no user can answer (-NonInteractive, a job, a remote
/// session, a host without prompts), there is no answer, and the caller reports an error; in a job a prompt would wait forever.
/// </summary>
internal sealed class SafetyQuestion(MessageCmdlet cmdlet)
{
    // The hosts of jobs and remote sessions.
    private const string RemoteHost = "ServerRemoteHost";
    private const string Console = "ConsoleHost";

    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Asks, on the pipeline's thread.</summary>
    /// <param name="question">The question.</param>
    /// <param name="title">The title of the operation.</param>
    /// <returns>The answer; null if no user can answer.</returns>
    internal bool? Ask(string question, string title)
    {
        if (cmdlet.Host?.Name is not { } host || host == RemoteHost || (host == Console && System.Console.IsInputRedirected))
            return null;
        try
        {
            return cmdlet.ShouldContinue(question, title, hasSecurityImpact: true, ref _yesToAll, ref _noToAll);
        }
        catch (Exception e) when (e is not PipelineStoppedException)
        {
            // Hosts report it in many ways: HostException, NotImplementedException, PSInvalidOperationException, an input that has ended.
            return null;
        }
    }
}
