using System.Management.Automation;
using System.Text;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Reads blobs from the content store.</summary>
[Cmdlet(VerbsData.Export, "CtrContent", DefaultParameterSetName = ByDigest, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(string), typeof(byte))]
public sealed class ExportCtrContentCommand : ContentCmdlet
{
    private const int LargestText = 8 << 20;

    private ExportFile? _files;

    /// <summary>
    /// Specifies a file, or an existing directory. In a directory, the file is named after the digest, without the algorithm.
    /// </summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Returns bytes instead of text. If the stored copy is damaged, an error follows the bytes.</summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>With -AsByteStream, returns the bytes as one array.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <summary>
    /// Indicates that an existing file is an error. By default a regular file is replaced and keeps its owner, mode, access list and
    /// extended attributes; a device, a named pipe
    /// or a file with several hard links is written in destination.
    /// </summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    protected override void ProcessRecord() =>
        ForEachBlob(
            (ns, digest) =>
            {
                if (Path is not null && AsByteStream)
                    throw ConflictingParameters.Error("-Path and -AsByteStream cannot be combined.", "Use only one of them.");
                if (Path is not null)
                {
                    var destination = (_files ??= new ExportFile(NoClobber)).Take(ResolvePath(Path), Path, digest.Split(':')[^1]);
                    if (!ShouldProcess($"{digest} ({ns.Namespace})", $"Export blob to {destination.Path}"))
                        return;
                    AwaitShown($"Exporting {digest}", (progress, cancellationToken) =>
                        ns.Content.SaveAsync(digest, destination.Path, progress, NoClobber, cancellationToken)
                    );
                    WriteObject(destination.Item(this));
                }
                else if (AsByteStream && !Raw)
                {
                    Await(cancellationToken =>
                        ns.Content.CopyAsync(
                            digest,
                            (chunk, stop) => PostAsync(() => WriteObject(chunk.ToArray(), enumerateCollection: true), stop),
                            cancellationToken
                        )
                    );
                }
                else
                {
                    var bytes = Await(cancellationToken =>
                        WholeAsync(ns.Content, digest, AsByteStream ? int.MaxValue : LargestText, cancellationToken)
                    );
                    WriteObject(AsByteStream ? bytes : Text(digest, bytes), enumerateCollection: false);
                }
            }
        );

    private static async Task<byte[]> WholeAsync(ContentStore content, string digest, long most, CancellationToken cancellationToken)
    {
        using var whole = new MemoryStream();
        await content
            .CopyAsync(
                digest,
                (chunk, _) =>
                {
                    if (whole.Length + chunk.Length > most)
                        throw NotText(digest, $"it has more than {new CtrSize(most)}");
                    whole.Write(chunk.Span);
                    return ValueTask.CompletedTask;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return whole.ToArray();
    }

    private static string Text(string digest, byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw NotText(digest, "it is not UTF-8");
        }
    }

    private static CtrDataException NotText(string digest, string why) =>
        new($"The blob {digest} is not text: {why}.")
        {
            ErrorId = ErrorIds.ContentNotText,
            Subject = digest,
            Remedy = "Export it to a file with -Path, or as bytes with -AsByteStream.",
        };
}
