namespace Containerd.Oci.Images;

/// <summary>The source of an image's data, for the subject and the advice of errors.</summary>
internal sealed record ImageOrigin(string Subject, string Phrase, string ErrorId, string Remedy)
{
    public static ImageOrigin Archive(string file) =>
        new(
            file,
            $"The archive '{file}' cannot be imported",
            ErrorIds.ImageArchiveInvalid,
            "Create it again with 'docker save', 'skopeo copy … oci-archive:…' or 'ctr image export'."
        );

    public static ImageOrigin Stored(string name) =>
        new(name, $"The image '{name}' cannot be used", ErrorIds.ImageIncomplete, "Import or pull it again.");

    public static ImageOrigin Registry(string name) =>
        new(
            name,
            $"The image '{name}' cannot be pulled",
            ErrorIds.ManifestInvalid,
            "The image is damaged in its registry: build and push it again."
        );

    public CtrDataException Fault(string what, string? errorId = null, Exception? cause = null) =>
        new($"{Phrase}: {what}.", cause)
        {
            ErrorId = errorId ?? ErrorId,
            Subject = Subject,
            Remedy = errorId switch
            {
                ErrorIds.ImageArchiveTruncated => "It is cut off: copy or download it again.",
                ErrorIds.DigestAlgorithmNotSupported =>
                    "Build or copy the image with SHA-256 digests: the content store of containerd supports only these.",
                _ => Remedy,
            },
        };

    public CtrDataException Mismatch(string what, Exception? cause = null) => Fault(what, ErrorIds.DigestMismatch, cause);

    /// <summary>The content with this name is not a container image.</summary>
    /// <param name="image">The name.</param>
    /// <param name="type">The artifact's type.</param>
    public static CtrNotSupportedException NotRunnable(string image, string type) =>
        new($"'{image}' is not a container image: it is an artifact of the type '{type}', which has no root file system to run.")
        {
            ErrorId = ErrorIds.ImageNotRunnable,
            Subject = image,
            Remedy = "Use an image that holds a container's file system. An artifact can be stored, exported, pushed and removed.",
        };

    public static CtrNotFoundException NoPlatform(string image, IEnumerable<string> wanted, IReadOnlyList<string> has) =>
        new(
            $"The image '{image}' is not available for {string.Join(" or ", wanted)}; it has "
                + $"{(has.Count > 0 ? string.Join(", ", has) : "no platform at all")}."
        )
        {
            ErrorId = ErrorIds.PlatformNotAvailable,
            Subject = image,
            RemedyId = has.Count > 0 ? "OtherPlatform" : null,
            Remedy =
                has.Count > 0 ? $"Choose one of its platforms, such as {has[0]}." : "Use an image that holds a container's file system.",
        };
}
