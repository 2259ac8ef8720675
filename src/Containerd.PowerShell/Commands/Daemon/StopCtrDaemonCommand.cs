using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Stops private daemons and removes their files.</summary>
[Cmdlet(VerbsLifecycle.Stop, "CtrDaemon", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrDaemon))]
public sealed class StopCtrDaemonCommand : CtrCmdlet
{
    private const string ByName = "Name";
    private const string ByObject = "InputObject";

    /// <summary>Specifies the names of daemons; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(DaemonCompleter))]
    [IdTransformation(typeof(CtrDaemon), "a daemon", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies daemons, as Start-CtrDaemon and Get-CtrDaemon return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrDaemon[] InputObject { get; set; } = [];

    /// <summary>Indicates that tasks that are still running are killed. By default, running tasks are an error.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Specifies how long to wait until containerd stops before it is killed: 10 (seconds), 500ms, 1m30s; -1 means no limit. The clean-up
    /// afterwards has its own time limit. The default is 15 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "15s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(CtrDaemons.DefaultGrace);

    /// <summary>Indicates that the data folder is removed even if it was specified with -Path.</summary>
    [Parameter]
    public SwitchParameter RemoveData { get; set; }

    /// <summary>Returns the stopped daemons. By default, this command returns nothing.</summary>
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
