using System.Management.Automation;
using Containerd.Client;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Writes images to an archive.</summary>
[Cmdlet(VerbsData.Export, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportCtrImageCommand : ImageCmdlet
{
    private readonly List<(NamespaceClient Namespace, string Name)> _images = [];
    private ExportFile? _files;
    private string _path = "";
    private bool _failed;

    /// <summary>
    /// Specifies a file for all images, or an existing directory in which each image gets its own file. The extension selects the
    /// compression: .tar for none, .tar.gz or .tgz for gzip, .tar.zst or .tzst for Zstandard.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>
    /// Specifies the format of the archive: an OCI layout, which keeps all digests and which docker load can also read, or Docker's own
    /// format for older tools.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "Oci")]
    public CtrImageArchiveFormat Format { get; set; }

    /// <summary>
    /// Specifies the platforms to export, such as linux/arm64. By default, all platforms whose content is present locally are exported.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Platform { get; set; } = [];

    /// <summary>Indicates that all platforms of the images are exported. The content of all of them must be present locally.</summary>
    [Parameter]
    public SwitchParameter AllPlatforms { get; set; }

    /// <inheritdoc cref="ExportCtrContentCommand.NoClobber"/>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    protected override void BeginProcessing()
    {
        try
        {
            RequireOneChoice(AllPlatforms, Platform);
            _path = ResolvePath(Path);
            _files = new ExportFile(NoClobber);
        }
        catch (CtrException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Path));
        }
    }

    // An archive without one of its images would be mistaken for a complete one.
    protected override void ProcessRecord() =>
        _failed |= !ForEachImage(
            (ns, name) => _images.Add((ns, Await(cancellationToken => ns.Images.FindNameAsync(name, cancellationToken))))
        );

    protected override void EndProcessing()
    {
        var directory = Directory.Exists(_path);
        if (_images.Count == 0 || (_failed && !directory))
            return;
        if (directory)
        {
            foreach (var image in _images)
                Try(image.Name, () => Export(image.Namespace, [image.Name], FileName(image.Name)));
        }
        else
        {
            Try(_path, () =>
            {
                var namespaces = _images.Select(i => (i.Namespace.Client, i.Namespace.Namespace)).Distinct().Count();
                if (namespaces > 1)
                {
                    throw new CtrArgumentException($"The images come from {namespaces} namespaces, and an archive is of one.")
                    {
                        ErrorId = ErrorIds.SeveralNamespaces,
                        Remedy = "Specify an existing directory with -Path: each image then gets its own file.",
                    };
                }

                Export(_images[0].Namespace, [.. _images.Select(i => i.Name).Distinct()], "");
            });
        }
    }

    private void Export(NamespaceClient ns, IReadOnlyList<string> names, string fileName)
    {
        var destination = _files!.Take(_path, Path, fileName);
        var path = destination.Path;
        if (!ShouldProcess($"{string.Join(", ", names)} ({ns.Namespace})", $"Export to {path}"))
            return;
        var options = new ImageExportOptions
        {
            Format = Format,
            Platforms = Platform,
            AllPlatforms = AllPlatforms,
            NoClobber = NoClobber,
        };
        foreach (
            var image in AwaitShown($"Exporting {System.IO.Path.GetFileName(path)}", (progress, cancellationToken) =>
                ns.Images.ExportAsync(names, path, options, progress, cancellationToken)
            )
        )
        {
            if (image.OmittedPlatforms.Count > 0 && Platform.Length == 0)
                WriteWarning(
                    $"Of '{image.Name}' only {string.Join(", ", image.Platforms)} was exported, without "
                        + string.Join(", ", image.OmittedPlatforms)
                        + (Format == CtrImageArchiveFormat.Docker ? ": Docker's archive holds one platform." : ": that is not all here.")
                );
        }

        WriteObject(destination.Item(this));
    }

    private static string FileName(string name) => ImageReference.Shorten(name).Replace('/', '_').Replace(':', '_') + ".tar";
}
