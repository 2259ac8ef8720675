using System.Management.Automation;
using System.Text;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Reads blobs out of the content store, compared with their digests: into files with -Path, as bytes with -AsByteStream, and otherwise as
/// text, such as a
/// manifest's JSON for ConvertFrom-Json.
/// </summary>
[Cmdlet(VerbsData.Export, "CtrContent", DefaultParameterSetName = ByDigest, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(string), typeof(byte))]
public sealed class ExportCtrContentCommand : ContentCmdlet
{
    private const int LargestText = 8 << 20;

    private ExportFile? _files;

    /// <summary>A file, or an existing directory for a file of the digest's name without its algorithm.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Gives bytes. A store's copy that is damaged is an error after them.</summary>
    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>Gives the bytes as one array.</summary>
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
                    throw ConflictingParameters.Error("-Path and -AsByteStream contradict each other.", "Give one of them.");
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
        new($"The blob {digest} is no text: {why}.")
        {
            ErrorId = ErrorIds.ContentNotText,
            Subject = digest,
            Remedy = "Export it to a file with -Path, or as bytes with -AsByteStream.",
        };
}
