using System.Text;

namespace Containerd.Client.Tests.Architecture;

/// <summary>Reads the string literals of C# code, those inside of interpolated strings too; each hole becomes <c>{}</c>.</summary>
internal sealed class StringLiterals
{
    private readonly string _code;
    private readonly List<string> _found = [];
    private int _at;

    private StringLiterals(string code) => _code = code;

    internal static IReadOnlyList<string> Of(string code)
    {
        var reader = new StringLiterals(code);
        reader.ReadCode(isHole: false);
        return reader._found;
    }

    private char Peek(int ahead = 0) => _at + ahead < _code.Length ? _code[_at + ahead] : '\0';

    private int Run(char character)
    {
        var count = 0;
        while (Peek(count) == character)
            count++;
        return count;
    }

    /// <summary>Reads code; that of a hole ends before its closing brace.</summary>
    private void ReadCode(bool isHole)
    {
        var depth = 0;
        while (_at < _code.Length)
        {
            if (Peek() == '/' && Peek(1) == '/')
                SkipTo("\n");
            else if (Peek() == '/' && Peek(1) == '*')
                SkipTo("*/");
            else if (Peek() == '\'')
                SkipCharacter();
            else if (IsString())
                ReadString();
            else if (isHole && Peek() == '}' && depth == 0)
                return;
            else
            {
                depth +=
                    Peek() == '{' ? 1
                    : Peek() == '}' ? -1
                    : 0;
                _at++;
            }
        }
    }

    private bool IsString()
    {
        var prefix = 0;
        while (Peek(prefix) is '$' or '@')
            prefix++;
        return Peek(prefix) == '"';
    }

    private void ReadString()
    {
        var (dollars, isVerbatim) = (0, false);
        for (; Peek() != '"'; _at++)
        {
            dollars += Peek() == '$' ? 1 : 0;
            isVerbatim |= Peek() == '@';
        }

        var quotes = Run('"');
        if (quotes == 2)
        {
            _at += 2;
            return;
        }

        var isRaw = quotes > 2 && !isVerbatim;
        var text = new StringBuilder();
        _at += isRaw ? quotes : 1;
        while (_at < _code.Length && !IsEnd(isRaw ? quotes : 1, isVerbatim))
        {
            var braces = dollars > 0 ? Run('{') : 0;
            if (braces > 0 && (isRaw ? braces >= dollars : braces % 2 == 1))
            {
                _at += braces;
                ReadCode(isHole: true);
                _at += isRaw ? dollars : 1;
                text.Append("{}");
                continue;
            }

            // A backslash escapes what follows, and two quotes of a verbatim string are one.
            var length =
                braces > 0 ? braces
                : (Peek() == '\\' && !isRaw && !isVerbatim) || (Peek() == '"' && isVerbatim) ? 2
                : 1;
            text.Append(_code, _at, Math.Min(length, _code.Length - _at));
            _at += length;
        }

        _at += isRaw ? quotes : 1;
        _found.Add(text.ToString());
    }

    private bool IsEnd(int quotes, bool isVerbatim) => Run('"') is var run && (isVerbatim ? run % 2 == 1 : run >= quotes);

    private void SkipCharacter()
    {
        _at += Peek(1) == '\\' ? 3 : 2;
        SkipTo("'");
    }

    private void SkipTo(string end)
    {
        var index = _at < _code.Length ? _code.IndexOf(end, _at, StringComparison.Ordinal) : -1;
        _at = index < 0 ? _code.Length : index + end.Length;
    }
}
