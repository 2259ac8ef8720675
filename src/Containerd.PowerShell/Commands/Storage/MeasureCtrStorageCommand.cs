using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Measures the disk space that a namespace uses, and how much of it is reclaimable.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "CtrStorage", DefaultParameterSetName = "Namespace")]
[OutputType(typeof(CtrStorageUsage))]
public sealed class MeasureCtrStorageCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies the namespaces to measure, as Get-CtrNamespace returns them. By default, the namespace of -Namespace is measured, or else
    /// that of the session.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "InputObject")]
    [ValidateNotNull]
    public CtrNamespace[] InputObject { get; set; } = [];

    /// <inheritdoc cref="CopyCtrItemCommand.Name"/>
    [Parameter(DontShow = true)]
    [RefusedName("This command measures whole namespaces.")]
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
