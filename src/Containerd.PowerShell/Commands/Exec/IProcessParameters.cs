using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The parameters that Invoke-CtrExec and Invoke-CtrContainer share: how the streams and the exit code of the process are handled.
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
