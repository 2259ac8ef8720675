using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Imports the images of an archive.</summary>
[Cmdlet(VerbsData.Import, "CtrImage", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrImage))]
public sealed class ImportCtrImageCommand : SessionCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    /// <summary>Specifies the archive files; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies the archive files. The names are used exactly as typed; wildcards are not interpreted.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Specifies the name of the imported image, instead of its name in the archive. If the archive contains several images that have only
    /// a tag or no name, it specifies their repository; if it contains several images with names, the command fails.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>
    /// Specifies the platforms to keep and to unpack, such as linux/arm64. By default, all platforms are kept, and the daemon's own
    /// platform is unpacked.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Indicates that all platforms are unpacked. All of them must be complete.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <summary>
    /// Specifies the snapshotter to unpack to. The default is $CONTAINERD_SNAPSHOTTER, or else the default of the namespace.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SnapshotterCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Snapshotter { get; set; }

    /// <summary>
    /// Indicates that the content is only stored. It is unpacked when a container is created from it. An image that has only one platform
    /// is stored whatever that platform is.
    /// </summary>
    [Parameter]
    public SwitchParameter NoUnpack { get; set; }

    /// <summary>
    /// Specifies labels for the images. Specify a hashtable, or strings such as app=web; a string without = has an empty value, and
    /// containerd does not store such a label.
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
