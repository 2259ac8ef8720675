using Containerd.Client.Images;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <content>Images of containers.</content>
public sealed partial class ImageStore
{
    /// <summary>
    /// Creates an image from a container: the layers of its image, its changes as one more layer (diff.v1 Diff), and the config of the
    /// image with changes. The new image is unpacked, so that it can be used immediately. A running task is paused while its files are
    /// copied.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="commit">The new image.</param>
    /// <param name="progress">Receives progress, frequently and on any thread; null for none.</param>
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
            // The task is paused in the meantime, and must not stay paused.
            return await UnfinishedWork
                .Known(
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
