using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>What New-CtrLease and Use-CtrLease share: what a new lease is like.</summary>
public abstract class LeaseCreationCmdlet : SessionCmdlet
{
    internal const string New = "New";

    /// <summary>When a new lease ends by itself if nobody removes it: 30m, 2h, or 0 for never; a day without it. It cannot be changed later.</summary>
    [Parameter(ParameterSetName = New)]
    public CtrDuration? Expiry { get; set; }

    /// <summary>Labels for a new lease.</summary>
    [Parameter(ParameterSetName = New)]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    private protected TimeSpan? Lifetime => Expiry is not { } given ? TimeSpan.FromDays(1) : given.TimeSpan == TimeSpan.Zero ? null : given.TimeSpan;
}
