using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <content>Tests.</content>
public sealed partial class ImageStore
{
    /// <summary>
    /// Tests an image: whether all its content is in the store, has the correct digests, and is unpacked (content.v1 Info and Read,
    /// snapshots.v1 Stat). Problems are part of the result, not errors.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="options">The test options.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrArgumentException">InvalidPlatform.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImageTest> TestAsync(
        string name,
        ImageTestOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        return await new ImageExaminer(_namespace, image.Name, image.Target.ToDescriptor(), options, progress)
            .RunAsync(cancellationToken)
            .ConfigureAwait(false);
    }
}
