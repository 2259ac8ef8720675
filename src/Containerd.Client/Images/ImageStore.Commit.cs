using Containerd.Client.Images;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <content>Images of containers.</content>
public sealed partial class ImageStore
{
    /// <summary>
    /// Makes an image of a container: its image's layers, what it has changed as one more (diff.v1 Diff), and the image's config with
    /// changes. It is unpacked, so
    /// that it can run at once. A running task stands still while its files are copied.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="commit">The new image.</param>
    /// <param name="progress">Told of progress, often and on any thread; null for nobody.</param>
    /// <param name="cancellationToken">Gives up, and leaves nothing; the task goes on.</param>
    /// <returns>The image.</returns>
    /// <exception cref="CtrNotFoundException">
    /// ContainerNotFound; BaseImageNotFound: no image has the layers below the container's own.
    /// </exception>
    /// <exception cref="CtrConflictException">ImageExists.</exception>
    /// <exception cref="CtrDataException">ImageIncomplete: some of the base image's layers are not in the store.</exception>
    /// <exception cref="CtrNotSupportedException">ContainerWithoutSnapshot.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> CommitAsync(
        string containerId,
        ImageCommit commit,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(commit);
        try
        {
            // The task stands still meanwhile, and must not be left so.
            return await BackgroundWork
                .Track(
                    new ImageCommitter(_namespace, commit, progress).RunAsync(containerId, cancellationToken),
                    _namespace.Connection,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The commit was cancelled.", e, cancellationToken);
        }
    }
}
