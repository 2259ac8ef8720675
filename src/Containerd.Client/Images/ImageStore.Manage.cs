using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Images;
using Containerd.Host.Errors;
using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client;

/// <content>Names and labels.</content>
public sealed partial class ImageStore
{
    /// <summary>Changes labels of an image's name (images.v1 Update); other labels are not changed.</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="labels">The labels to set; an empty value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed image.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrImage> UpdateLabelsAsync(
        string name,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(labels);
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (labels.Count == 0)
            return await DescribeAsync(image, cancellationToken).ConfigureAwait(false);
        // The target is not changed, but containerd 2 panics if a change does not contain it.
        var change = new Image { Name = image.Name, Target = image.Target };
        foreach (var (key, value) in labels)
            change.Labels[key] = value;
        return await DescribeAsync(await UpdateAsync(change, cancellationToken, labelsOnly: true).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Adds names to an image, which refer to the same content and have the same labels (images.v1 Create or Update): all of them, or none.
    /// </summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="names">The additional names, in full or short.</param>
    /// <param name="force">Whether a name that refers to another image is moved.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The images of the additional names.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrConflictException">ImageExists: a name refers to another image.</exception>
    /// <exception cref="CtrArgumentException">
    /// InvalidImageName; DigestConflict: a name ends with another digest than the image's.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrImage>> TagAsync(
        string name,
        IEnumerable<string> names,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        var full = names.Select(ImageReference.Normalize).Distinct(StringComparer.Ordinal).ToList();
        var image = await Records.FindAsync(name, cancellationToken).ConfigureAwait(false);
        foreach (var tag in full)
            await RequireFreeAsync(tag, image.Target.Digest, force, cancellationToken).ConfigureAwait(false);
        return await PutAsync(
                full.Select(n => (n, image.Target.ToDescriptor())),
                new Dictionary<string, string>(image.Labels),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Removes an image's name (images.v1 Delete); the garbage collector removes content that is not needed otherwise.</summary>
    /// <param name="name">Its name, in full or short.</param>
    /// <param name="force">Whether it goes although containers were created from it.</param>
    /// <param name="synchronous">Whether to wait until the garbage collector has freed the space.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the name is removed.</returns>
    /// <exception cref="CtrNotFoundException">ImageNotFound.</exception>
    /// <exception cref="CtrConflictException">ImageInUse: containers were created from it.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string name, bool force = false, bool synchronous = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var full = await FindNameAsync(name, cancellationToken).ConfigureAwait(false);
        if (!force && await UsersAsync(full, cancellationToken).ConfigureAwait(false) is { Count: > 0 } users)
        {
            throw new CtrConflictException($"The image '{full}' is in use: containers were created from it ({string.Join(", ", users)}).")
            {
                ErrorId = "ImageInUse",
                Subject = full,
                Remedy =
                    "Remove the containers first, or force the removal: the containers keep their files, but they can no longer be committed or used as a template.",
            };
        }

        await Stub.DeleteAsync(new DeleteImageRequest { Name = full, Sync = synchronous }, cancellationToken: cancellationToken)
            .About(Resource.Image, name)
            .ConfigureAwait(false);
    }

    /// <summary>Rejects a name with the digest of another image.</summary>
    /// <exception cref="CtrArgumentException">DigestConflict.</exception>
    private async Task RequirePinAsync(string name, OciDescriptor target, CancellationToken cancellationToken)
    {
        if (await ImagePin.FitsAsync(_namespace.Content, name, target, cancellationToken).ConfigureAwait(false))
            return;
        throw new CtrArgumentException($"'{name}' contains a digest that is not the image's ({target.Digest}).")
        {
            ErrorId = "DigestConflict",
            Subject = name,
            Remedy = "Use a tag instead of the digest.",
        };
    }

    /// <summary>Verifies that a name does not exist, already refers to the digest, or may be moved.</summary>
    internal async Task RequireFreeAsync(string name, string? digest, bool force, CancellationToken cancellationToken)
    {
        if (digest is not null)
            await RequirePinAsync(name, new OciDescriptor { Digest = digest }, cancellationToken).ConfigureAwait(false);

        if (
            force
            || await Records.TryGetAsync(name, cancellationToken).ConfigureAwait(false) is not { } there
            || there.Target.Digest == digest
        )
            return;
        throw new CtrConflictException($"Another image '{name}' already exists ({there.Target.Digest}).")
        {
            ErrorId = "ImageExists",
            Subject = name,
            Remedy = "Choose another name, or overwrite the existing name.",
        };
    }
}
