using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// With -Debug, PowerShell asks before it shows verbose text and warnings ("Continue with this operation?"). Verbose text does not justify
/// a prompt, and a host without a console cannot prompt.
/// </summary>
internal static class DebugMode
{
    /// <summary>Whether verbose text is to be shown as debug text: with -Debug and without -Verbose.</summary>
    internal static bool ShowsVerboseText(InvocationInfo invocation) =>
        invocation.BoundParameters.TryGetValue("Debug", out var debug)
        && LanguagePrimitives.IsTrue(debug)
        && !invocation.BoundParameters.ContainsKey("Verbose");

    /// <summary>Writes a warning, for which PowerShell may prompt; a host that cannot prompt results in one clear error.</summary>
    /// <param name="text">The warning.</param>
    /// <param name="write">Writes it.</param>
    internal static void Warn(string text, Action<string> write)
    {
        try
        {
            write(text);
        }
        catch (Exception e)
            when (e
                    is NullReferenceException
                        or System.Management.Automation.Host.HostException
                        or PSInvalidOperationException
                        or PSNotImplementedException
                        or NotImplementedException
            )
        {
            throw new CtrException($"PowerShell has to ask whether to continue after a warning, but this host cannot ask: {text}", e)
            {
                ErrorId = ErrorIds.PromptNotPossible,
                Remedy = "Omit -Debug, or use -WarningAction Continue to show warnings without a prompt.",
            };
        }
    }
}
