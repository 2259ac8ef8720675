using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Packs what a snapshot changes of its parent, or of another snapshot, into a layer: a blob in the content store, or with -Path a tar
/// file. The lease of a
/// Use-CtrLease block keeps the blob, else the label containerd.io/gc.root, until Remove-CtrContent removes it.
/// </summary>
[Cmdlet(VerbsData.Export, "CtrSnapshot", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContent), typeof(FileInfo))]
public sealed class ExportCtrSnapshotCommand : SnapshotCmdlet
{
    private ExportFile? _files;

    /// <summary>
    /// A file for the layer, or an existing directory for a file of its name. Its ending chooses the compression: .tar for none, .tar.gz or
    /// .tgz, .tar.zst.
    /// </summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The snapshot to compare it with, of the same snapshotter; without it its parent.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Base { get; set; }

    /// <summary>How the layer is compressed; without it by the file's ending, else with gzip.</summary>
    [Parameter]
    public CtrLayerCompression? Compression { get; set; }

    /// <summary>
    /// Specifies labels for the blob. Give a hashtable, or texts such as app=web; a text without = has an empty value, and containerd does
    /// not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Indicates that an existing file is an error. By default a regular file is replaced and keeps its owner, mode, access list and
    /// extended attributes; a device, a named pipe
    /// or a file with several hard links is written in destination.
    /// </summary>
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
                    "A file has no labels: -Label is for a blob in the content store.",
                    "Leave -Path or -Label out."
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
                    Compression ?? ByEnding(path),
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

    private static CtrLayerCompression ByEnding(string path) =>
        path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase) ? CtrLayerCompression.None
        : path.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? CtrLayerCompression.Zstd
        : CtrLayerCompression.Gzip;
}
