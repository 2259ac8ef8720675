using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The parameters for how tasks are stopped, for all cmdlets that stop one.</summary>
internal interface IStopParameters
{
    /// <summary>
    /// Specifies how long to wait for the tasks to stop before they are killed: 10 (seconds), 500ms, 1m30s; -1 means no limit. The default
    /// is 10 seconds.
    /// </summary>
    public CtrDuration Timeout { get; }

    /// <summary>Specifies the signal to send first, by name or number. The default is the container's own stop signal.</summary>
    public CtrSignal? Signal { get; }

    /// <summary>Indicates that the tasks are killed without waiting.</summary>
    public SwitchParameter Force { get; }

    /// <summary>The time limit.</summary>
    public TimeSpan Grace => Force ? TimeSpan.Zero : Timeout.TimeSpan;

    /// <summary>The first signal; null for the container's own.</summary>
    public int? FirstSignal => Force ? CtrSignal.Kill.Number : Signal?.Number;

    /// <summary>Rejects parameters that cannot be combined.</summary>
    public void Require(MessageCmdlet cmdlet)
    {
        if (Force && Signal is not null)
            cmdlet.ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error(
                        "-Force and -Signal cannot be combined: -Force kills immediately, without another signal.",
                        "Use only one of them."
                    ),
                    null
                )
            );
    }
}
