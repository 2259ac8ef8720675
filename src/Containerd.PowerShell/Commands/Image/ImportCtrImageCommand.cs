using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Imports the images of an archive: an OCI layout or a Docker archive in a tar, plain or compressed.</summary>
[Cmdlet(VerbsData.Import, "CtrImage", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrImage))]
public sealed class ImportCtrImageCommand : SessionCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    /// <summary>Archive files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Archive files whose names are taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Specifies the name of the imported image, whatever its name in the archive. For images that the archive gives a tag alone, or no
    /// name, it is the repository if there are several; of
    /// several images with names it is an error.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>
    /// The platforms to keep and to unpack, such as linux/arm64. Without it all are kept, and the daemon's own is unpacked.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Every platform must be complete and is unpacked.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <summary>The snapshotter to unpack to; without it $CONTAINERD_SNAPSHOTTER, else the namespace's default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>
    /// Indicates that the content is only stored. It is unpacked when a container is created from it. An image that has no other platform
    /// is stored whichever platform it is for.
    /// </summary>
    [Parameter]
    public SwitchParameter NoUnpack { get; set; }

    /// <summary>
    /// Specifies labels for the images. Give a hashtable, or texts such as app=web; a text without = has an empty value, and containerd
    /// does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    protected override void ProcessRecord()
    {
        var literal = ParameterSetName == ByLiteralPath;
        foreach (var path in literal ? LiteralPath : Path)
        {
            Try(path, () =>
            {
                foreach (var file in ResolveFiles([path], literal))
                    TryPerSession(file, () => Import(file));
            });
        }
    }

    private void Import(string file)
    {
        ImageCmdlet.RequireOneChoice(AllPlatforms, Platform);
        var ns = Resolve();
        if (!ShouldProcess($"{file} ({ns.Namespace})", "Import images"))
            return;
        var options = new ImageImportOptions
        {
            Name = Name,
            Platforms = Platform,
            AllPlatforms = AllPlatforms,
            Unpack = !NoUnpack,
            Snapshotter = Snapshotter,
            Labels = NewLabels(Label),
            Warn = text => Post(() => WriteWarning(text)),
        };
        foreach (
            var image in AwaitShown($"Importing {System.IO.Path.GetFileName(file)}", (progress, cancellationToken) =>
                ns.Images.ImportAsync(file, options, progress, cancellationToken)
            )
        )
        {
            WriteVerbose($"Imported {image.Name} from {file} into namespace {ns.Namespace}: {image.Digest}.");
            WriteObject(image);
        }
    }
}
