using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// A line of standard error whose bytes are on file descriptor 2 already. Hosts show nothing of it, also with $InformationPreference
/// Continue; everything else reads the line.
/// </summary>
internal sealed class ProcessErrorLine : HostInformationMessage
{
    internal ProcessErrorLine(string line)
    {
        Message = line;
        // What a host shows is the base class's.
        base.Message = "";
        NoNewLine = true;
    }

    /// <summary>The line.</summary>
    public new string Message { get; }

    public override string ToString() => Message;
}
