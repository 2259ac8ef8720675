using System.Globalization;
using System.Text;

namespace Containerd.Host.Terminals;

/// <summary>
/// Tracks the modes that a program's output switches on in a terminal: the alternate screen, the mouse, bracketed paste, a hidden cursor,
/// colors. They are switched off when a user detaches from the program, and on again when a user reattaches.
/// </summary>
internal sealed class TerminalModes
{
    private const int LongestSequence = 64;
    private const int CursorVisible = 25;

    /// <summary>Modes that are on in a fresh terminal: automatic wrapping, the cursor.</summary>
    private static readonly int[] OnAtFirst = [7, CursorVisible];

    /// <summary>
    /// Modes that programs change permanently or temporarily: the mode of the cursor keys belongs to the next program that reads them.
    /// </summary>
    private static readonly int[] Ignored = [1, 3, 12, 2026];

    private readonly SortedDictionary<int, bool> _private = [];
    private readonly StringBuilder _sequence = new();
    private State _state;
    private bool _styled;
    private bool _graphics;
    private bool _inserting;
    private bool _scrollRegion;
    private int _keyboards;

    private enum State
    {
        Text,
        Escape,
        Control,
        Charset,
        String,
        StringEscape,
    }

    /// <summary>Whether the last byte ended a line, or there was none.</summary>
    internal bool AtLineStart { get; private set; } = true;

    /// <summary>Whether a full-screen program uses the screen.</summary>
    internal bool AlternateScreen => IsOn(47) || IsOn(1047) || IsOn(1049);

    /// <summary>The sequences that set the modes of the program in a fresh terminal.</summary>
    internal string Enter() => Sequence(_private, on: 'h', off: 'l');

    /// <summary>The sequences that reset the modes that the program left on.</summary>
    internal string Leave()
    {
        var text = new StringBuilder();
        if (_graphics)
            text.Append("\x1b(B");
        if (_styled)
            text.Append("\x1b[m");
        if (_inserting)
            text.Append("\x1b[4l");
        if (_scrollRegion)
            text.Append("\u001b7\u001b[r\u001b8");
        if (_keyboards > 0)
            text.Append(CultureInfo.InvariantCulture, $"\x1b[<{_keyboards}u");
        return text.Append(Sequence(_private, on: 'l', off: 'h')).ToString();
    }

    internal void Track(ReadOnlySpan<byte> output)
    {
        foreach (var value in output)
            Track((char)value);
    }

    private bool IsOn(int mode) => _private.GetValueOrDefault(mode);

    /// <summary>The table contains only modes that differ from those of a fresh terminal.</summary>
    private static string Sequence(SortedDictionary<int, bool> modes, char on, char off) =>
        string.Concat(modes.Select(m => string.Create(CultureInfo.InvariantCulture, $"\x1b[?{m.Key}{(m.Value ? on : off)}")));

    private void Track(char value)
    {
        if (_state is State.Text)
        {
            AtLineStart = value == '\n' || (value is '\r' or '\x1b' && AtLineStart);
            if (value == '\x1b')
                _state = State.Escape;
            return;
        }

        switch (_state)
        {
            case State.Escape:
                _sequence.Clear();
                _state = value switch
                {
                    '[' => State.Control,
                    '(' => State.Charset,
                    ']' or 'P' or '_' or '^' or 'X' => State.String,
                    '\x1b' => State.Escape,
                    _ => State.Text,
                };
                if (value == 'c')
                    Reset();
                break;
            case State.Charset:
                _graphics = value == '0';
                _state = State.Text;
                break;
            case State.String:
                _state = value switch
                {
                    '\a' => State.Text,
                    '\x1b' => State.StringEscape,
                    _ => State.String,
                };
                break;
            case State.StringEscape:
                _state = value switch
                {
                    '\\' => State.Text,
                    '\x1b' => State.StringEscape,
                    _ => State.String,
                };
                break;
            case State.Control when value is >= '@' and <= '~':
                Apply(_sequence.ToString(), value);
                _state = State.Text;
                break;
            case State.Control when value == '\x1b':
                _state = State.Escape;
                break;
            case State.Control:
                if (value >= ' ' && _sequence.Length < LongestSequence)
                    _sequence.Append(value);
                break;
        }
    }

    private void Apply(string parameters, char final)
    {
        if (parameters.StartsWith('?') && final is 'h' or 'l')
        {
            foreach (var text in parameters.TrimStart('?').Split(';'))
            {
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mode) && !Ignored.Contains(mode))
                    Switch(mode, final == 'h');
            }
        }
        else if (final == 'm' && !parameters.StartsWith('>') && !parameters.StartsWith('?'))
        {
            _styled = parameters.TrimStart('0').Length > 0;
        }
        else if (final is 'h' or 'l' && parameters == "4")
        {
            _inserting = final == 'h';
        }
        else if (final == 'r' && !parameters.StartsWith('?'))
        {
            _scrollRegion = parameters.Length > 0;
        }
        else if (final == 'u' && parameters.StartsWith('>'))
        {
            _keyboards++;
        }
        else if (final == 'u' && parameters.StartsWith('<'))
        {
            _keyboards = Math.Max(0, _keyboards - 1);
        }
        else if (final == 'p' && parameters == "!")
        {
            Reset();
        }
    }

    private void Switch(int mode, bool on)
    {
        if (OnAtFirst.Contains(mode) == on)
            _private.Remove(mode);
        else
            _private[mode] = on;
    }

    private void Reset()
    {
        _private.Clear();
        _styled = _graphics = _inserting = _scrollRegion = false;
        _keyboards = 0;
    }
}
