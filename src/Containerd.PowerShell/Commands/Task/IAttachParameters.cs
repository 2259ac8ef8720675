using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The parameters of -Attach that Start-CtrTask and Connect-CtrTask share.</summary>
internal interface IAttachParameters
{
    public SwitchParameter Attach { get; }

    public SwitchParameter Interactive { get; }

    /// <summary>
    /// With -Attach, specifies the keys that detach from a terminal, typed one after another; None disables them. The default is Ctrl+P,
    /// Ctrl+Q.
    /// </summary>
    public string[]? DetachKeys { get; }
}
