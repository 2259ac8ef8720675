using System.Globalization;

namespace Containerd.Oci.Images;

/// <summary>The labels of an image's content, as containerd's own client writes them.</summary>
internal static class ImageLabels
{
    private const string SourcePrefix = "containerd.io/distribution.source.";

    // containerd rejects a label if its key and value together have more characters.
    private const int LongestLabel = 4096;

    /// <summary>
    /// The labels that make the garbage collector follow a parent to its children, numbered as containerd does, without replacing a label
    /// that refers to other content.
    /// </summary>
    public static Dictionary<string, string> Children(IEnumerable<OciDescriptor> children, IReadOnlyDictionary<string, string> existing)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var displaced = new List<(string Stem, string Digest)>();
        foreach (var child in children)
        {
            var stem = MediaTypes.GcLabel(child.MediaType);
            var number = counts.GetValueOrDefault(stem);
            counts[stem] = number + 1;
            var key = number > 0 || stem.EndsWith('.') ? stem + number.ToString(CultureInfo.InvariantCulture) : stem;
            if (!existing.TryGetValue(key, out var kept))
                labels[key] = child.Digest;
            else if (kept != child.Digest && !existing.Values.Contains(child.Digest))
                displaced.Add((stem, child.Digest));
        }

        foreach (var (stem, digest) in displaced)
        {
            var number = counts[stem];
            while (existing.ContainsKey(stem + number) || labels.ContainsKey(stem + number))
                number++;
            labels[stem + number] = digest;
        }

        return labels;
    }

    /// <summary>
    /// The label that lists the repositories of a registry that have a blob, so that a push to that registry does not have to send it
    /// again.
    /// </summary>
    /// <returns>The label to set; none if it would be too long.</returns>
    public static Dictionary<string, string> Source(RegistryReference reference, IReadOnlyDictionary<string, string> existing)
    {
        var key = SourcePrefix + reference.HostName;
        var value = string.Join(',', Repositories(existing, key).Append(reference.Repository).Distinct().Order(StringComparer.Ordinal));
        return key.Length + value.Length > LongestLabel || existing.GetValueOrDefault(key) == value ? [] : new() { [key] = value };
    }

    /// <summary>
    /// A repository of the same registry that is known to have a blob, the one with the most similar name; null for none.
    /// </summary>
    public static string? MountSource(RegistryReference reference, IReadOnlyDictionary<string, string> labels) =>
        Repositories(labels, SourcePrefix + reference.HostName)
            .Where(r => r != reference.Repository)
            .OrderByDescending(r => CommonParts(r, reference.Repository))
            .FirstOrDefault();

    private static string[] Repositories(IReadOnlyDictionary<string, string> labels, string key) =>
        (labels.GetValueOrDefault(key) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static int CommonParts(string one, string other) =>
        one.Split('/').Zip(other.Split('/')).TakeWhile(pair => pair.First == pair.Second).Count();
}
