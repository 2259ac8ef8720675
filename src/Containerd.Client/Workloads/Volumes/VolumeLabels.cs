using System.Globalization;
using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The labels of a container that list the anonymous volumes that were created for it.</summary>
internal static class VolumeLabels
{
    private const string Key = ContainerLabels.OwnPrefix + "volumes";

    // containerd limits the name and the value of a label together to 4,096 bytes; a name has 64.
    private const int PerLabel = 60;

    /// <summary>The labels.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Of(IEnumerable<string> names) =>
        names
            .Chunk(PerLabel)
            .Select(
                (chunk, i) =>
                    new KeyValuePair<string, string>(
                        i == 0 ? Key : string.Create(CultureInfo.InvariantCulture, $"{Key}.{i}"),
                        string.Join(',', chunk)
                    )
            );

    /// <summary>The names in the labels of a container. Any client may have written them.</summary>
    internal static IReadOnlyList<string> Read(IDictionary<string, string> labels)
    {
        var names = new List<string>();
        for (var i = 0; ; i++)
        {
            if (!labels.TryGetValue(i == 0 ? Key : string.Create(CultureInfo.InvariantCulture, $"{Key}.{i}"), out var value))
                return names;
            names.AddRange(value.Split(',').Where(VolumeNames.IsValid));
        }
    }
}
