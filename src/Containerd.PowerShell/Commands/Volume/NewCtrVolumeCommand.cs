using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates volumes that containers can mount.</summary>
[Cmdlet(VerbsCommon.New, "CtrVolume", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrVolume))]
public sealed class NewCtrVolumeCommand : SessionCmdlet
{
    private const string ByName = "Name";
    private const string Adopting = "Orphan";

    /// <summary>
    /// Specifies the names of the new volumes: at least two letters, digits, '.', '_' and '-', after a letter or digit. By default, an
    /// anonymous volume is created, whose name is generated.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <inheritdoc cref="NewCtrNetworkCommand.Label"/>
    [Parameter(ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies volumes that Get-CtrVolume -Orphaned returns: they are moved to the daemon with their files and labels, so that containers
    /// can mount them again.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Adopting)]
    [ValidateNotNull]
    public CtrVolume[] Orphan { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var orphan in Orphan)
        {
            TryPerSession(orphan, () =>
            {
                var volumes = Resolve(orphan).Volumes;
                if (ShouldProcess(orphan.Name, "Adopt volume"))
                    WriteObject(Await(cancellationToken => volumes.AdoptAsync(orphan, cancellationToken)));
            });
        }

        if (ParameterSetName == Adopting)
            return;
        foreach (var name in Name.Length > 0 ? Name : [""])
        {
            TryPerSession(name.Length > 0 ? name : null, () =>
            {
                var volumes = Resolve().Volumes;
                var options = new VolumeCreateOptions { Name = name.Length > 0 ? name : null, Labels = StringMap.From(Label) };
                if (ShouldProcess(options.Name ?? "An anonymous volume", "Create volume"))
                    WriteObject(Await(cancellationToken => volumes.CreateAsync(options, cancellationToken)));
            });
        }
    }
}
