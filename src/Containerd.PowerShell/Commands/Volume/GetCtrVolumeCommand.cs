using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the volumes of a namespace, and the containers that use them.</summary>
[Cmdlet(VerbsCommon.Get, "CtrVolume")]
[OutputType(typeof(CtrVolume))]
public sealed class GetCtrVolumeCommand : SessionCmdlet
{
    /// <summary>Specifies the names of volumes; wildcards are permitted. By default, all volumes are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Volume")]
    [ArgumentCompleter(typeof(VolumeCompleter))]
    [IdTransformation(typeof(CtrVolume), "a volume", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>
    /// Specifies labels that the volumes have. Specify a hashtable, or strings such as app=web; a string without = matches any value, and a
    /// value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>Indicates that the property Size is filled in. This reads the directories of each volume.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>
    /// Indicates that the volumes are returned that the daemon had before its data folder was created again, which gave it a new identity.
    /// Containers cannot mount them; New-CtrVolume -Orphan adopts them.
    /// </summary>
    [Parameter]
    public SwitchParameter Orphaned { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var volumes = Resolve().Volumes;
                if (Orphaned)
                {
                    var wanted = NamePattern.Get(name, WildcardOptions.None);
                    Write(volumes, [.. Await(volumes.ListOrphansAsync).Where(volume => wanted.IsMatch(volume.Name))]);
                    return;
                }

                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    Write(volumes, [Await(cancellationToken => volumes.GetAsync(name, cancellationToken))]);
                    return;
                }

                var pattern = NamePattern.Get(name, WildcardOptions.None);
                Write(volumes, [.. Await(volumes.ListAsync).Where(volume => pattern.IsMatch(volume.Name))]);
            });
        }
    }

    private void Write(VolumeService volumes, List<CtrVolume> found)
    {
        found.RemoveAll(volume => !StringMap.Has(volume.Labels, Label));
        if (!Detailed)
        {
            WriteObject(found, enumerateCollection: true);
            return;
        }

        foreach (var volume in found)
        {
            Await(cancellationToken => volumes.MeasureAsync([volume], cancellationToken));
            WriteDetailed(volume);
        }
    }
}
