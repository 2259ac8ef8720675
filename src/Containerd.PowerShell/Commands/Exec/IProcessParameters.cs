using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The parameters that Invoke-CtrExec and Invoke-CtrContainer share: what becomes of the process's streams and exit code.
/// </summary>
internal interface IProcessParameters
{
    public SwitchParameter AsByteStream { get; }

    public SwitchParameter Raw { get; }

    public CtrStandardError StandardError { get; }

    public int[] AllowExitCode { get; }

    public SwitchParameter PassThru { get; }

    public SwitchParameter Tty { get; }

    public SwitchParameter Interactive { get; }
}
