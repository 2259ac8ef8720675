using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>What New-CtrTask and Start-CtrTask share: the parameters that choose a task's streams.</summary>
public abstract class TaskStartCmdlet : ContainerCmdlet
{
    /// <summary>A file for the task's output, both streams in one; without it the module keeps them itself, one file per stream.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Throws the task's output away.</summary>
    [Parameter]
    public SwitchParameter NoLog { get; set; }

    /// <summary>Gives the task a standard input; Send-CtrInput writes to it.</summary>
    [Parameter]
    public SwitchParameter WithStdin { get; set; }

    private protected TaskStart TaskStart() => new() { LogPath = LogPath is null ? null : ResolvePath(LogPath), NoLog = NoLog, WithStdin = WithStdin };
}
