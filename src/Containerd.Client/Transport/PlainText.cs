using System.Globalization;
using System.Text;

namespace Containerd.Client.Transport;

/// <summary>Untrusted text, for a sentence on a terminal: without control and formatting characters, and with a limited length.</summary>
internal static class PlainText
{
    private const int Longest = 200;

    /// <summary>Replaces characters that a terminal could interpret.</summary>
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
