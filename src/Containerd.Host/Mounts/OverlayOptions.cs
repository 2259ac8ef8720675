using System.Text;

namespace Containerd.Host.Mounts;

/// <summary>The text options of an overlay: its layers, topmost first, the writable layer, and other options.</summary>
internal sealed class OverlayOptions
{
    private const int SmallestPage = 4096;

    /// <summary>The read-only layers, topmost first.</summary>
    internal List<string> Lower { get; private init; } = [];

    /// <summary>The writable layer; null for none.</summary>
    internal string? Upper { get; private set; }

    /// <summary>The work directory of the upper layer; null for none.</summary>
    internal string? Work { get; private set; }

    internal List<string> Rest { get; private init; } = [];

    internal static OverlayOptions Parse(IEnumerable<string> data)
    {
        var overlay = new OverlayOptions();
        foreach (var option in data)
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            switch (equals < 0 ? option : option[..equals])
            {
                case "lowerdir":
                    overlay.Lower.AddRange(SplitLayers(option[(equals + 1)..]));
                    break;
                case "upperdir":
                    overlay.Upper = Unescape(option[(equals + 1)..]);
                    break;
                case "workdir":
                    overlay.Work = Unescape(option[(equals + 1)..]);
                    break;
                default:
                    overlay.Rest.Add(option);
                    break;
            }
        }
        return overlay;
    }

    /// <summary>The same overlay, read-only: its upper layer becomes the topmost lower layer, so it may be in use.</summary>
    internal OverlayOptions ToReadOnly() =>
        new() { Lower = Upper is null ? Lower : [Upper, .. Lower], Rest = [.. Rest.Where(option => option != "volatile")] };

    /// <summary>The same overlay with other names for its lower layers.</summary>
    internal OverlayOptions WithLower(IEnumerable<string> lower) =>
        new()
        {
            Lower = [.. lower],
            Upper = Upper,
            Work = Work,
            Rest = Rest,
        };

    /// <summary>
    /// Removes the options for containerd, with which it maps the owners of the lower layers. The kernel does not know them.
    /// </summary>
    /// <returns>Whether there were any: then files of the lower layers have unmapped owners, and must not be copied up.</returns>
    internal bool RemoveIdMaps() =>
        Rest.RemoveAll(option =>
            option.StartsWith("uidmap=", StringComparison.Ordinal) || option.StartsWith("gidmap=", StringComparison.Ordinal)
        ) > 0;

    /// <summary>
    /// Whether each kernel accepts the text: it reads one page, including a terminating null byte. The daemon's host may have smaller pages
    /// than this one.
    /// </summary>
    internal bool Fits => Encoding.UTF8.GetByteCount(ToString()) < SmallestPage;

    /// <summary>The options for mount(2).</summary>
    public override string ToString() => string.Join(',', ToOptions());

    /// <summary>The options, one by one.</summary>
    internal IReadOnlyList<string> ToOptions()
    {
        var parts = new List<string> { $"lowerdir={string.Join(':', Lower.Select(Escape))}" };
        if (Upper is not null)
            parts.Add($"upperdir={Escape(Upper)}");
        if (Work is not null)
            parts.Add($"workdir={Escape(Work)}");
        return [.. parts, .. Rest];
    }

    /// <summary>Splits at colons that are not escaped with a backslash.</summary>
    private static List<string> SplitLayers(string text)
    {
        var layers = new List<string>();
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ':')
            {
                layers.Add(Unescape(text[start..i]));
                start = i + 1;
            }
        }
        layers.Add(Unescape(text[start..]));
        layers.RemoveAll(layer => layer.Length == 0);
        return layers;
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
            plain.Append(text[i] == '\\' && i + 1 < text.Length ? text[++i] : text[i]);
        return plain.ToString();
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace(":", "\\:", StringComparison.Ordinal)
            .Replace(",", "\\,", StringComparison.Ordinal);
}
