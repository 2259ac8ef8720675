using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The parameters of -Attach that Start-CtrTask and Connect-CtrTask share.</summary>
internal interface IAttachParameters
{
    public SwitchParameter Attach { get; }

    public SwitchParameter Interactive { get; }

    public string[]? DetachKeys { get; }
}
