using Containerd.Client.Specs;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The volumes that an image declares: each becomes an anonymous volume, unless the caller mounts something there.</summary>
internal static class ImageVolumes
{
    private static readonly string[][] Refused =
    [
        [],
        ["dev"],
        ["sys"],
    ];

    /// <summary>The mounts of the image's volumes.</summary>
    /// <param name="config">The configuration of the image.</param>
    /// <param name="image">The name of the image.</param>
    /// <param name="mounts">The mounts that the caller requests.</param>
    /// <exception cref="CtrArgumentException">The image declares a volume where none can be (InvalidMount).</exception>
    internal static IReadOnlyList<CtrMount> Of(ImageConfig config, string image, IReadOnlyList<CtrMount> mounts)
    {
        var declared = new List<CtrMount>();
        if (config.OperatingSystem is not ("" or "linux"))
            return declared;
        foreach (var volume in config.Volumes.Order(StringComparer.Ordinal))
        {
            var parts = SpecMounts.PartsOf(volume);
            var target = "/" + string.Join('/', parts);
            if (mounts.Concat(declared).Any(mount => SpecMounts.PartsOf(mount.Target).SequenceEqual(parts)))
                continue;
            if (Refused.Any(refused => refused.SequenceEqual(parts)) || parts is ["proc", ..])
            {
                throw new CtrArgumentException(
                    $"The image '{image}' declares a volume at '{target}', which would hide files of the system."
                )
                {
                    ErrorId = ErrorIds.InvalidMount,
                    Subject = volume,
                    RemedyId = "ImageVolume",
                    Remedy = "Use another image, or a full spec, for which the volumes of the image are not created.",
                };
            }

            declared.Add(new CtrMount { Type = "volume", Target = target });
        }

        return declared;
    }
}
