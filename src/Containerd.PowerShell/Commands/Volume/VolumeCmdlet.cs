using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on volumes, specified by name or as objects.</summary>
public abstract class VolumeCmdlet : SessionCmdlet
{
    internal const string ByName = "Name";
    internal const string ByObject = "InputObject";

    /// <summary>Specifies the names of volumes.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [IdTransformation(typeof(CtrVolume), "a volume", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies volumes, as Get-CtrVolume and New-CtrVolume return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrVolume[] InputObject { get; set; } = [];

    /// <summary>Runs the action for each volume of this record; each failure is a separate error.</summary>
    internal void ForEachVolume(Action<VolumeService, string> work)
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => work(Resolve(item).Volumes, item.Name));
        foreach (var name in Name)
            TryPerSession(name, () => work(Resolve().Volumes, name));
    }
}
