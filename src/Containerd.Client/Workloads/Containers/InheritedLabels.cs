using System.Text;
using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Containers;

/// <summary>
/// The labels that containers inherit from their image. An image is untrusted, so labels that programs act on, and labels that containerd
/// rejects, are not inherited.
/// </summary>
internal static class InheritedLabels
{
    /// <summary>containerd's limit for the name and value of a label together, in bytes (its package labels).</summary>
    internal const int MaxBytes = 4096;

    /// <summary>
    /// The prefixes of labels that programs act on: this client's, containerd's (its restart monitor starts what
    /// <c>containerd.io/restart.status</c> names, its garbage collector reads <c>containerd.io/gc.…</c>), its Kubernetes plugin's and
    /// nerdctl's.
    /// </summary>
    private static readonly string[] Reserved =
    [
        ContainerLabels.OwnPrefix,
        "containerd.io/",
        "io.containerd.",
        "io.cri-containerd",
        "nerdctl/",
    ];

    /// <summary>The labels that a container inherits from its image.</summary>
    /// <param name="labels">The labels in the image's configuration.</param>
    /// <param name="image">The image's name, for the warning.</param>
    /// <param name="warnings">Receives warnings about labels that are omitted because of their size; null for none.</param>
    /// <returns>The labels to store.</returns>
    internal static IReadOnlyDictionary<string, string> From(
        IReadOnlyDictionary<string, string> labels,
        string image,
        IProgress<string>? warnings
    )
    {
        var kept = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in labels)
        {
            if (Reserved.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            if (SizeOf(key, value) is > MaxBytes and var size)
            {
                warnings?.Report(
                    $"The label '{Shortened(key)}' of the image '{image}' was left out: it has {size} bytes, and containerd accepts "
                        + $"{MaxBytes}."
                );
                continue;
            }

            kept[key] = value;
        }

        return kept;
    }

    /// <summary>Rejects labels that callers cannot set, or that containerd would reject.</summary>
    /// <param name="labels">The labels to set; a null value removes one.</param>
    /// <exception cref="CtrArgumentException">ReservedLabel or LabelTooLong.</exception>
    internal static void RequireUsable(IEnumerable<KeyValuePair<string, string?>> labels)
    {
        foreach (var (key, value) in labels)
        {
            if (key.StartsWith(ContainerLabels.OwnPrefix, StringComparison.Ordinal))
            {
                throw new CtrArgumentException(
                    $"The label '{key}' is reserved: labels that start with '{ContainerLabels.OwnPrefix}' record what this library "
                        + "knows about a container."
                )
                {
                    ErrorId = ErrorIds.ReservedLabel,
                    Subject = key,
                    Remedy = "Choose a label with another prefix, such as the name of your team or domain.",
                };
            }

            if (key == ContainerLabels.Name)
            {
                throw new CtrArgumentException($"The label '{key}' is reserved: it holds the container's name.")
                {
                    ErrorId = ErrorIds.ReservedLabel,
                    Subject = key,
                    RemedyId = "Name",
                    Remedy = "Set the name when you create the container, or rename the container.",
                };
            }

            if (SizeOf(key, value ?? "") is > MaxBytes and var size)
            {
                throw new CtrArgumentException(
                    $"The label '{Shortened(key)}' has {size} bytes; containerd accepts at most {MaxBytes} for name and value together."
                )
                {
                    ErrorId = ErrorIds.LabelTooLong,
                    Subject = Shortened(key),
                    Remedy = "Shorten the value, or keep it in a file and put the path into the label.",
                };
            }
        }
    }

    private static int SizeOf(string key, string value) => Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);

    private static string Shortened(string key) => key.Length <= 80 ? key : key[..79] + "…";
}
