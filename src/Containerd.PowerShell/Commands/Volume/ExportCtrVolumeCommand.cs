using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Exports the files of volumes to tar archives.</summary>
[Cmdlet(VerbsData.Export, "CtrVolume", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportCtrVolumeCommand : VolumeCmdlet
{
    private ExportFile? _files;

    /// <summary>
    /// Specifies the file, or an existing directory. In a directory, the file is named after the volume. The extension selects the
    /// compression: .tar for none, .tar.gz or .tgz for gzip, .tar.zst for Zstandard.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc cref="ExportCtrContentCommand.NoClobber"/>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    protected override void ProcessRecord() =>
        ForEachVolume(
            (volumes, name) =>
            {
                var destination = (_files ??= new ExportFile(NoClobber)).Take(ResolvePath(Path), Path, name + ".tar");
                if (!ShouldProcess(name, $"Export volume to {destination.Path}"))
                    return;
                var options = new VolumeExportOptions
                {
                    Path = destination.Path,
                    NoClobber = NoClobber,
                    Warnings = new PostedWarnings(this, Post),
                };
                AwaitShown($"Exporting {name}", (progress, cancellationToken) =>
                    volumes.ExportAsync(name, options, progress, cancellationToken)
                );
                WriteObject(destination.Item(this));
            }
        );
}
