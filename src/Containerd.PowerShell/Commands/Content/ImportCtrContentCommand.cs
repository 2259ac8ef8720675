using System.Management.Automation;
using System.Text;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Stores files, bytes or text in the content store, under the digest of the content.</summary>
[Cmdlet(VerbsData.Import, "CtrContent", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContent))]
public sealed class ImportCtrContentCommand : SessionCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";
    private const string ByBytes = "InputObject";
    private const string ByText = "Value";

    private readonly MemoryStream _bytes = new();

    /// <summary>Specifies the files to import; wildcards are permitted.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Specifies the files to import. The names are used exactly as typed; wildcards are not interpreted.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Specifies bytes, such as those that Get-Content -AsByteStream returns. All bytes from the pipeline become one blob.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByBytes)]
    [AllowEmptyCollection]
    public byte[] InputObject { get; set; } = [];

    /// <summary>Specifies text, such as the JSON of a manifest. It is stored as UTF-8.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByText)]
    [AllowEmptyString]
    public string Value { get; set; } = "";

    /// <summary>Specifies the digest that the bytes must have, such as sha256:….</summary>
    [Parameter]
    [Alias("Digest")]
    [ValidateNotNullOrEmpty]
    public string? ExpectedDigest { get; set; }

    /// <summary>Specifies the number of bytes that the blob must have.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize ExpectedSize { get; set; }

    /// <summary>Specifies the reference of the unfinished write. The default is a generated one.</summary>
    [Parameter]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(IngestCompleter))]
    public string? Reference { get; set; }

    /// <summary>
    /// Specifies labels for the blob. Specify a hashtable, or strings such as app=web; a string without = has an empty value, and
    /// containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ByBytes:
                _bytes.Write(InputObject);
                break;
            case ByText:
                Try(null, () => Store(new MemoryStream(new UTF8Encoding(false).GetBytes(Value)), "a text"));
                break;
            default:
                var literal = ParameterSetName == ByLiteralPath;
                foreach (var path in literal ? LiteralPath : Path)
                {
                    Try(path, () =>
                    {
                        foreach (var file in ResolveFiles([path], literal))
                            Try(file, () => StoreFile(file));
                    });
                }

                break;
        }
    }

    protected override void EndProcessing()
    {
        if (ParameterSetName != ByBytes)
            return;
        _bytes.Position = 0;
        Try(null, () => Store(_bytes, "bytes"));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _bytes.Dispose();
    }

    private void StoreFile(string path)
    {
        using var file = InputFile.Open(path);
        if (!file.CanSeek)
        {
            throw new CtrArgumentException($"'{path}' is not a regular file: its size is not known before it is read.")
            {
                ErrorId = ErrorIds.NotAFile,
                Subject = path,
                Remedy = "Pipe its bytes in: Get-Content -AsByteStream reads them.",
            };
        }

        Store(file, path);
    }

    private void Store(Stream data, string title)
    {
        var ns = Resolve();
        if (this.IfGiven(ExpectedSize) is { } size && size.Bytes != data.Length)
        {
            throw new CtrDataException($"The input has {data.Length} bytes ({title}), not {size.Bytes}.")
            {
                ErrorId = ErrorIds.SizeMismatch,
                Subject = title,
            };
        }

        if (!ShouldProcess($"{title} ({ns.Namespace})", "Import blob"))
            return;
        var blob = AwaitShown($"Importing {title}", (progress, cancellationToken) =>
            ns.Content.ImportAsync(Reference, data, data.Length, ExpectedDigest, NewLabels(Label), progress, cancellationToken)
        );
        WriteVerbose(KeptBy.Sentence(ns, "blob"));
        WriteObject(blob);
    }
}
