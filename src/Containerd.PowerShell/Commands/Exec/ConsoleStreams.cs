using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The default handling of streams: lines to the pipeline, standard error to the console.</summary>
/// <param name="tty">Whether the process has a terminal.</param>
internal sealed class ConsoleStreams(bool tty) : IProcessParameters
{
    public SwitchParameter AsByteStream => default;

    public SwitchParameter Raw => default;

    public CtrStandardError StandardError => CtrStandardError.Information;

    public int[] AllowExitCode => [];

    public SwitchParameter PassThru => default;

    public string? InFile => null;

    public string? OutFile => null;

    public string? ErrorFile => null;

    public SwitchParameter NoClobber => default;

    public SwitchParameter Tty => tty;

    public SwitchParameter Interactive => default;
}
