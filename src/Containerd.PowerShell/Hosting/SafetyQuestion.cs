using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A question about something that may harm the machine, which -Force skips. Where nobody can answer (-NonInteractive, a job, a remote
/// session, a host without prompts) there is no answer, and the caller's error says so; a prompt would wait for ever in a job.
/// </summary>
internal sealed class SafetyQuestion(MessageCmdlet cmdlet)
{
    // Of jobs and remote sessions.
    private const string RemoteHost = "ServerRemoteHost";
    private const string Console = "ConsoleHost";

    private bool _yesToAll;
    private bool _noToAll;

    /// <summary>Asks, on the pipeline's thread.</summary>
    /// <param name="question">The question.</param>
    /// <param name="title">What is about to be done.</param>
    /// <returns>The answer; null where nobody can give one.</returns>
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
            // Hosts say it in many ways: HostException, NotImplementedException, PSInvalidOperationException, an input that has ended.
            return null;
        }
    }
}
