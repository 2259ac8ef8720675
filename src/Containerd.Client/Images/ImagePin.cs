using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>Compares the digest in an image's name with the stored manifest.</summary>
internal static class ImagePin
{
    /// <summary>Whether the target of a name has the digest in the name.</summary>
    /// <param name="content">The store.</param>
    /// <param name="name">The full name; a name without a digest always matches.</param>
    /// <param name="target">The target of the name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static async Task<bool> FitsAsync(ContentStore content, string name, OciDescriptor target, CancellationToken cancellationToken)
    {
        if (DigestPin.Of(name) is not { } pin || pin == target.Digest)
            return true;
        if (DigestPin.IsStored(pin))
            return false;
        return await content.ReadAllAsync(target.Digest, OciJson.MaxBytes, cancellationToken).ConfigureAwait(false) is { } manifest
            && DigestPin.IsOf(target.Digest, manifest)
            && DigestPin.IsOf(pin, manifest);
    }
}
