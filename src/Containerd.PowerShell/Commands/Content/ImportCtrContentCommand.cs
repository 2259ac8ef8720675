using System.Management.Automation;
using System.Text;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>
/// Stores files, bytes or a text in the content store, under the digest of what they hold. The lease of a Use-CtrLease block keeps a blob,
/// else the label
/// containerd.io/gc.root, until Remove-CtrContent removes it.
/// </summary>
[Cmdlet(VerbsData.Import, "CtrContent", DefaultParameterSetName = ByPath, SupportsShouldProcess = true)]
[OutputType(typeof(CtrContent))]
public sealed class ImportCtrContentCommand : SessionCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";
    private const string ByBytes = "InputObject";
    private const string ByText = "Value";

    private readonly MemoryStream _bytes = new();

    /// <summary>Files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByPath)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files whose names are taken as they are.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ByLiteralPath)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Bytes: all that the pipeline brings become one blob, such as Get-Content -AsByteStream gives them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByBytes)]
    [AllowEmptyCollection]
    public byte[] InputObject { get; set; } = [];

    /// <summary>A text, such as a manifest's JSON, stored as UTF-8.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByText)]
    [AllowEmptyString]
    public string Value { get; set; } = "";

    /// <summary>The digest that the bytes must have, such as sha256:….</summary>
    [Parameter]
    [Alias("Digest")]
    [ValidateNotNullOrEmpty]
    public string? ExpectedDigest { get; set; }

    /// <summary>The number of bytes that there must be.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize ExpectedSize { get; set; }

    /// <summary>What the unfinished write is called; without it, by a name of its own.</summary>
    [Parameter]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(IngestCompleter))]
    public string? Reference { get; set; }

    /// <summary>
    /// Specifies labels for the blob. Give a hashtable, or texts such as app=web; a text without = has an empty value, and containerd does
    /// not store such a label.
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
            throw new CtrArgumentException($"'{path}' is no regular file: how many bytes it has is not known before they are read.")
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
            throw new CtrDataException($"There are {data.Length} bytes ({title}), not {size.Bytes}.")
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
