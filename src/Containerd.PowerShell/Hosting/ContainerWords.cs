using System.Text.RegularExpressions;

namespace Containerd.PowerShell;

/// <summary>Replaces the ids of containers in messages with the caller's names for them.</summary>
internal static partial class ContainerWords
{
    /// <summary>Replaces an id. An id that may be an English word is replaced only in quotation marks.</summary>
    /// <param name="text">The message.</param>
    /// <param name="id">The id.</param>
    /// <param name="name">What to write instead.</param>
    internal static string Replace(string text, string id, string name)
    {
        if (!text.Contains(id, StringComparison.Ordinal))
            return text;
        var pattern = Generated().IsMatch(id) ? $@"(?<![\w.\-]){id}(?![\w\-]|\.\w)" : $@"(?<='){Regex.Escape(id)}(?=['/])";
        return Regex.Replace(text, pattern, name.Replace("$", "$$", StringComparison.Ordinal), RegexOptions.CultureInvariant);
    }

    [GeneratedRegex("^[0-9a-f]{12,64}\\z")]
    private static partial Regex Generated();
}
