using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>A store's listing whose items have labels.</summary>
public abstract class LabelQueryCmdlet : StoreQueryCmdlet
{
    /// <summary>Only what has these labels; a value may hold wildcards.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    private protected override Hashtable? Wanted => Label;
}
