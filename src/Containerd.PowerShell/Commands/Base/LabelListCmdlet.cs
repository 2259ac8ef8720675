using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that lists objects with labels.</summary>
public abstract class LabelListCmdlet : StoreListCmdlet
{
    /// <summary>
    /// Specifies labels that the objects have. Specify a hashtable, or strings such as app=web; a string without = matches any value, and a
    /// value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    private protected override CtrKeyValues[]? Wanted => Label;
}
