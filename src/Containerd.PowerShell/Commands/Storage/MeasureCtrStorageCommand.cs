using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Measures what a namespace takes on disk, and what could be had back: what the garbage collector would not keep if every image's name
/// were removed that no
/// container was made from. In use is what containers, leases that have not expired, the remaining names and containerd.io/gc.root labels
/// lead to. A blob that another
/// namespace has too cannot be had back, for the store keeps one copy for all.
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "CtrStorage", DefaultParameterSetName = "Namespace")]
[OutputType(typeof(CtrStorageUsage))]
public sealed class MeasureCtrStorageCommand : SessionCmdlet
{
    /// <summary>The namespaces to measure, as Get-CtrNamespace gives them; without any, that of -Namespace, else the session's.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    [ValidateNotNull]
    public CtrNamespace[] InputObject { get; set; } = [];

    /// <summary>Not supported.</summary>
    [Parameter(DontShow = true)]
    [RefusedName("It measures whole namespaces.")]
    public object? Name { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => Measure(ResolveClient(item.Session).In(item.Name)));
        if (InputObject.Length == 0)
            TryPerSession(null, () => Measure(Resolve()));
    }

    private void Measure(NamespaceClient ns) =>
        WriteObject(AwaitShown($"Measuring {ns.Namespace}", ns.Storage.MeasureAsync), enumerateCollection: true);
}
