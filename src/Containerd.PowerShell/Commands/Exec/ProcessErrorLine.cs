using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A line of standard error that was already written to file descriptor 2. Hosts do not show it, even with $InformationPreference Continue;
/// all other readers get the line.
/// </summary>
internal sealed class ProcessErrorLine : HostInformationMessage
{
    internal ProcessErrorLine(string line)
    {
        Message = line;
        // Hosts show the message of the base class.
        base.Message = "";
        NoNewLine = true;
    }

    /// <summary>The line.</summary>
    public new string Message { get; }

    public override string ToString() => Message;
}
