using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The parameters that Invoke-CtrExec and Invoke-CtrContainer share: what becomes of the process's streams and exit code.</summary>
internal interface IProcessParameters
{
    SwitchParameter AsByteStream { get; }

    SwitchParameter Raw { get; }

    CtrStandardError StandardError { get; }

    int[] AllowExitCode { get; }

    SwitchParameter PassThru { get; }

    SwitchParameter Tty { get; }
}
