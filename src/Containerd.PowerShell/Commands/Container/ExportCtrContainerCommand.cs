using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Exports the file systems of containers to tar archives.</summary>
[Cmdlet(VerbsData.Export, "CtrContainer", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportCtrContainerCommand : ContainerCmdlet
{
    private ExportFile? _files;

    /// <summary>
    /// Specifies the file, or an existing directory. In a directory, the file is named after the container. The extension selects the
    /// compression: .tar.gz or .tgz for gzip, .tar.zst for Zstandard, and none for any other extension.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <inheritdoc cref="ExportCtrContentCommand.NoClobber"/>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            var name = target.Given ?? (target.Item as CtrContainer)?.Name ?? target.Id;
            var destination = (_files ??= new ExportFile(NoClobber)).Take(ResolvePath(Path), Path, name + ".tar");
            var path = destination.Path;
            if (!ShouldProcess(target.Shown, $"Export container to {path}"))
                return;
            AwaitShown($"Exporting {name}", (progress, cancellationToken) =>
                target.Namespace.Files.ExportAsync(
                    target.Id,
                    path,
                    LayerCompressionName.Of(path, CtrLayerCompression.None),
                    progress,
                    NoClobber,
                    cancellationToken
                )
            );
            WriteObject(destination.Item(this));
        });
}
