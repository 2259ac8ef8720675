using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the blobs of the content store.</summary>
[Cmdlet(VerbsCommon.Get, "CtrContent", DefaultParameterSetName = ContentCmdlet.ByDigest)]
[OutputType(typeof(CtrContent))]
public sealed class GetCtrContentCommand : LabelListCmdlet
{
    private const string ByImage = "Image";

    /// <summary>
    /// Specifies the digests of blobs; wildcards are permitted, such as sha256:4828*. By default, all blobs are returned.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContentCmdlet.ByDigest)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(ContentCompleter))]
    [IdTransformation(typeof(CtrObject), "a blob", "Digest")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Digest { get; set; } = ["*"];

    /// <summary>Specifies blobs, whose current state is read again, or images, all of whose blobs are returned.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContentCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrObject[] InputObject { get; set; } = [];

    /// <summary>
    /// Specifies the names of images, in full or short. The blobs that they refer to, according to the garbage collector's labels, are
    /// returned.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ByImage)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Image { get; set; } = [];

    /// <summary>Specifies the kinds of blobs to return, as far as the kind is known from names and labels.</summary>
    [Parameter]
    public CtrContentKind[]? Kind { get; set; }

    protected override void ProcessRecord()
    {
        switch (ParameterSetName)
        {
            case ContentCmdlet.ByObject:
                foreach (var item in InputObject)
                    TryPerSession(item, () => Write(Again(item)));
                break;
            case ByImage:
                foreach (var image in Image)
                {
                    TryPerSession(image, () =>
                    {
                        var content = Resolve().Content;
                        Write(Await(cancellationToken => content.ListOfImageAsync(image, cancellationToken)));
                    });
                }

                break;
            default:
                foreach (var digest in Digest)
                {
                    TryPerSession(digest, () =>
                    {
                        var content = Resolve().Content;
                        Write(
                            Find(digest, b => b.Digest, cancellationToken => content.GetAsync(digest, cancellationToken), content.ListAsync)
                        );
                    });
                }

                break;
        }
    }

    private IReadOnlyList<CtrContent> Again(CtrObject item)
    {
        var content = Resolve(item).Content;
        return item switch
        {
            CtrContent blob => [Await(cancellationToken => content.GetAsync(blob.Digest, cancellationToken))],
            CtrImage image => Await(cancellationToken => content.ListOfImageAsync(image.Name, cancellationToken)),
            _ => throw new CtrArgumentException($"A {item.GetType().Name} has no blobs. Use digests, blobs or images.")
            {
                ErrorId = ErrorIds.InvalidInput,
            },
        };
    }

    private void Write(IEnumerable<CtrContent> blobs) =>
        WriteObject(blobs.Where(b => Kind?.Contains(b.Kind) != false), enumerateCollection: true);
}
