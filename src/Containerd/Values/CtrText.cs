using System.Buffers;

namespace Containerd;

/// <summary>
/// Makes text that came out of a container, an image or an archive safe to show: control characters, which a terminal would obey, become
/// visible characters. Messages and views of the module use it; properties keep the exact text.
/// </summary>
public static class CtrText
{
    /// <summary>Stands for a character that has no picture of its own.</summary>
    private const char Other = '\uFFFD';

    // C0 without line feed and tab; DEL and C1; line separators; and what turns the direction of writing, so that text reads as another
    // text.
    private static readonly SearchValues<char> Hidden = SearchValues.Create([
        .. Enumerable
            .Range(0, 0x20)
            .Where(c => c is not ('\n' or '\t'))
            .Concat(Enumerable.Range(0x7F, 0x21))
            .Concat([0x2028, 0x2029])
            .Concat(Enumerable.Range(0x202A, 5))
            .Concat(Enumerable.Range(0x2066, 4))
            .Select(c => (char)c),
    ]);

    private static readonly SearchValues<char> Breaking = SearchValues.Create("\n\t");

    /// <summary>Makes control characters visible; line feeds and tabs stay.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, with a picture such as ␛ instead of each control character.</returns>
    public static string Visible(string? text) =>
        text is null ? ""
        : text.AsSpan().ContainsAny(Hidden)
            ? string.Create(text.Length, text, static (to, from) => Fill(to, from, keep: true))
                .Replace("␍\n", "\n", StringComparison.Ordinal)
        : text;

    /// <summary>Makes control characters visible, line feeds and tabs too: the result is one line.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, with a picture such as ␊ instead of each control character.</returns>
    public static string VisibleLine(string? text) =>
        text is null ? ""
        : text.AsSpan().ContainsAny(Hidden) || text.AsSpan().ContainsAny(Breaking)
            ? string.Create(text.Length, text, static (to, from) => Fill(to, from, keep: false))
        : text;

    private static void Fill(Span<char> to, string from, bool keep)
    {
        for (var i = 0; i < to.Length; i++)
        {
            var c = from[i];
            to[i] = c switch
            {
                '\n' or '\t' when keep => c,
                < (char)0x20 => (char)(0x2400 + c),
                (char)0x7F => '\u2421',
                _ when Hidden.Contains(c) => Other,
                _ => c,
            };
        }
    }
}
