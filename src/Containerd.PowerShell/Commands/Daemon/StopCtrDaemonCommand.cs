using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Stops private daemons and removes what they leave.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CtrDaemon", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrDaemon))]
public sealed class StopCtrDaemonCommand : CtrCmdlet
{
    private const string ByName = "Name";
    private const string ByObject = "InputObject";

    /// <summary>Names of daemons; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(DaemonCompleter))]
    [IdTransformation(typeof(CtrDaemon), "a daemon", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Daemons as Start-CtrDaemon and Get-CtrDaemon give them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrDaemon[] InputObject { get; set; } = [];

    /// <summary>Kills the tasks that still run; without it they are an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Specifies how long containerd may take to stop by itself before it is killed: 10 (seconds), 500ms, 1m30s; -1 for no limit. The
    /// clean-up after that has its own time. The
    /// default is 15 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "15s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(CtrDaemons.DefaultGrace);

    /// <summary>Removes the data folder even when it was given by -Path.</summary>
    [Parameter]
    public SwitchParameter RemoveData { get; set; }

    /// <summary>Gives the stopped daemons.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByObject)
        {
            Stop(InputObject);
            return;
        }

        foreach (var name in Name)
            Stop(GetCtrDaemonCommand.Find(this, name));
    }

    private void Stop(IEnumerable<CtrDaemon> daemons)
    {
        foreach (var daemon in daemons)
        {
            Try(daemon, () =>
            {
                if (!ShouldProcess(RemoveData && !daemon.Ephemeral ? $"{daemon} and its data in {daemon.Path}" : daemon.Name, "Stop"))
                    return;
                Await(cancellationToken => CtrDaemons.StopAsync(daemon.Name, Force, RemoveData, Timeout.TimeSpan, cancellationToken));
                daemon.State = CtrDaemonState.Stopped;
                if (PassThru)
                    WriteObject(daemon);
            });
        }
    }
}
