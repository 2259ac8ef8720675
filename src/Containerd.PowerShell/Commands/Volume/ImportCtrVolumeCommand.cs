using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Creates a volume from the files of a tar archive.</summary>
[Cmdlet(VerbsData.Import, "CtrVolume", SupportsShouldProcess = true)]
[OutputType(typeof(CtrVolume))]
public sealed class ImportCtrVolumeCommand : SessionCmdlet
{
    /// <summary>Specifies the archive: a tar, uncompressed or compressed with gzip or Zstandard.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Specifies the name of the new volume.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "";

    /// <inheritdoc cref="NewCtrNetworkCommand.Label"/>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    protected override void ProcessRecord() => TryPerSession(Name, () =>
        {
            var volumes = Resolve().Volumes;
            var options = new VolumeImportOptions
            {
                Path = ResolvePath(Path),
                Labels = StringMap.From(Label),
                Warnings = new PostedWarnings(this, Post),
            };
            if (ShouldProcess(Name, $"Import volume from {options.Path}"))
                WriteObject(
                    AwaitShown($"Importing {Name}", (progress, cancellationToken) =>
                        volumes.ImportAsync(Name, options, progress, cancellationToken)
                    )
                );
        });
}
