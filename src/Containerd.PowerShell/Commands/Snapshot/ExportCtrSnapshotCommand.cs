using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Creates a layer from the changes of a snapshot to its parent, or to another snapshot.</summary>
[Cmdlet(VerbsData.Export, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContent), typeof(FileInfo))]
public sealed class ExportCtrSnapshotCommand : SnapshotCmdlet
{
    private ExportFile? _files;

    /// <summary>
    /// Specifies a file for the layer, or an existing directory. In a directory, the file is named after the snapshot. The extension
    /// selects the compression: .tar for none, .tar.gz or .tgz for gzip, .tar.zst for Zstandard.
    /// </summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Specifies the snapshot to compare with, from the same snapshotter. The default is the parent of the snapshot.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Base { get; set; }

    /// <summary>Specifies the compression of the layer. By default, the extension of the file selects it; otherwise gzip is used.</summary>
    [Parameter]
    public CtrLayerCompression? Compression { get; set; }

    /// <inheritdoc cref="ImportCtrContentCommand.Label"/>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <inheritdoc cref="ExportCtrContentCommand.NoClobber"/>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    protected override void ProcessRecord() =>
        ForEachSnapshot(target =>
        {
            var snapshots = target.Namespace.Snapshots;
            if (Path is null)
            {
                if (!ShouldProcess(target.Title, "Export snapshot into the content store"))
                    return;
                var blob = Await(cancellationToken =>
                    snapshots.ExportAsync(
                        target.Snapshotter,
                        target.Name,
                        Base,
                        Compression ?? CtrLayerCompression.Gzip,
                        NewLabels(Label),
                        cancellationToken
                    )
                );
                WriteVerbose(KeptBy.Sentence(target.Namespace, "blob"));
                WriteObject(blob);
                return;
            }

            if (Label is not null)
                throw ConflictingParameters.Error(
                    "-Label cannot be combined with -Path: only a blob in the content store has labels.",
                    "Omit -Path or -Label."
                );
            var destination = (_files ??= new ExportFile(NoClobber)).Take(ResolvePath(Path), Path, FileName(target.Name));
            var path = destination.Path;
            if (!ShouldProcess(target.Title, $"Export snapshot to {path}"))
                return;
            AwaitShown($"Exporting {target.Name}", (progress, cancellationToken) =>
                snapshots.ExportToFileAsync(
                    target.Snapshotter,
                    target.Name,
                    Base,
                    Compression ?? LayerCompressionName.Of(path, CtrLayerCompression.Gzip),
                    path,
                    progress,
                    NoClobber,
                    cancellationToken
                )
            );
            WriteObject(destination.Item(this));
        });

    private string FileName(string name) =>
        name.Split(':')[^1]
        + (Compression ?? CtrLayerCompression.Gzip) switch
        {
            CtrLayerCompression.None => ".tar",
            CtrLayerCompression.Zstd => ".tar.zst",
            _ => ".tar.gz",
        };
}
