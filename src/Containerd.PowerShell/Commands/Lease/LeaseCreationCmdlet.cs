using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The base of New-CtrLease and Use-CtrLease: the parameters of a new lease.</summary>
public abstract class LeaseCreationCmdlet : SessionCmdlet
{
    internal const string New = "New";

    /// <summary>
    /// Specifies when a new lease expires if it is not removed earlier: 30m, 2h, 7d; -1 means never. The default is one day. It cannot be
    /// changed later.
    /// </summary>
    [Parameter(ParameterSetName = New)]
    [PSDefaultValue(Help = "24h")]
    [SingleValue("1.5s")]
    public CtrDuration Expiry { get; set; } = new(TimeSpan.FromDays(1));

    /// <summary>
    /// Specifies labels for a new lease. Specify a hashtable, or strings such as app=web; a string without = has an empty value, and
    /// containerd does not store such a label.
    /// </summary>
    [Parameter(ParameterSetName = New)]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    // 0 was the value for no limit before -1.
    private protected TimeSpan? Lifetime => Expiry.IsUnlimited || Expiry.TimeSpan == TimeSpan.Zero ? null : Expiry.TimeSpan;
}
