using System.Globalization;
using System.Text;

namespace Containerd.Client.Transport;

/// <summary>
/// Text of a stranger, for a sentence that a terminal shows: without control and formatting characters, and not too long.
/// </summary>
internal static class PlainText
{
    private const int Longest = 200;

    /// <summary>Replaces what a terminal could act on.</summary>
    internal static string Of(string text)
    {
        var plain = new StringBuilder();
        foreach (var character in text.Length > Longest ? text[..Longest] + "…" : text)
        {
            if (
                char.IsControl(character)
                || char.GetUnicodeCategory(character)
                    is UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
            )
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                plain.Append(character);
        }

        return plain.ToString();
    }
}
