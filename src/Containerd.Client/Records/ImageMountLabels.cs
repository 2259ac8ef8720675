using System.Globalization;
using System.Text.Json;

namespace Containerd.Client.Records;

/// <summary>
/// The labels of a container about the images that it mounts: one that describes each, and one by which containerd's garbage collector
/// keeps the view as long as the container exists, whichever program removes the container.
/// </summary>
internal static class ImageMountLabels
{
    private const string Key = ContainerLabels.OwnPrefix + "image-mount.";
    private const string Reference = "containerd.io/gc.ref.snapshot.";
    private const string ReferenceName = "/containerd-powershell.image-mount.";

    /// <summary>containerd's limit for the name and value of a label together, in bytes.</summary>
    private const int MaxBytes = 4096;

    /// <summary>The digits for the number of a mount.</summary>
    private const int Digits = 4;

    /// <summary>The labels.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Of(IReadOnlyList<MountedImage> images)
    {
        for (var i = 0; i < images.Count; i++)
        {
            var number = i.ToString(CultureInfo.InvariantCulture);
            yield return new(Key + number, JsonSerializer.Serialize(images[i]));
            yield return new(Reference + images[i].Snapshotter + ReferenceName + number, images[i].View);
        }
    }

    /// <summary>Whether containerd stores the label of an image: it limits name and value together.</summary>
    internal static bool Fits(MountedImage image) => Key.Length + Digits + JsonSerializer.SerializeToUtf8Bytes(image).Length <= MaxBytes;

    /// <summary>Whether a label refers to the view of a mount.</summary>
    internal static bool IsReference(string label) =>
        label.StartsWith(Reference, StringComparison.Ordinal) && label.Contains(ReferenceName, StringComparison.Ordinal);

    /// <summary>The images in the labels of a container. Any client may have written them.</summary>
    internal static IReadOnlyList<MountedImage> Read(IDictionary<string, string> labels)
    {
        var images = new List<MountedImage>();
        for (var i = 0; labels.TryGetValue(Key + i.ToString(CultureInfo.InvariantCulture), out var text); i++)
        {
            try
            {
                if (
                    JsonSerializer.Deserialize<MountedImage>(text) is { Target: not null, Image: not null, SubPath: not null } image
                    && image is { Options: not null, Parent: not null, Snapshotter: not null, View: not null }
                )
                    images.Add(image);
            }
            catch (JsonException)
            {
                // Not one of ours.
            }
        }

        return images;
    }
}
