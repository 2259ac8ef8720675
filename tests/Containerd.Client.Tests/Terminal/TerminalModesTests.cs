using System.Text;
using Containerd.Host.Terminals;

namespace Containerd.Client.Tests.Terminal;

/// <summary>What a program switches on in a terminal is known, however its output is cut apart.</summary>
public sealed class TerminalModesTests
{
    [Theory]
    [InlineData("plain text\r\n", "", "")]
    [InlineData("\u001b[?1049h\u001b[?25l", "\u001b[?25l\u001b[?1049h", "\u001b[?25h\u001b[?1049l")]
    [InlineData("\u001b[?1049h\u001b[?25l\u001b[?25h\u001b[?1049l", "", "")]
    [InlineData("\u001b[?1000;1006;2004h", "\u001b[?1000h\u001b[?1006h\u001b[?2004h", "\u001b[?1000l\u001b[?1006l\u001b[?2004l")]
    [InlineData("\u001b[?7l", "\u001b[?7l", "\u001b[?7h")]
    [InlineData("\u001b[31mred", "", "\u001b[m")]
    [InlineData("\u001b[1;31mred\u001b[0mplain", "", "")]
    [InlineData("\u001b(0lqk", "", "\u001b(B")]
    [InlineData("\u001b[4h\u001b[5;10r", "", "\u001b[4l\u001b7\u001b[r\u001b8")]
    [InlineData("\u001b[>1u\u001b[>3u\u001b[<u", "", "\u001b[<1u")]
    [InlineData("\u001b[?1049h\u001b[31m\u001bc", "", "")]
    [InlineData("\u001b]0;title \u001b[?25l\u0007text", "", "")]
    [InlineData("\u001bP$q\u001b[?25l\u001b\\text", "", "")]
    [InlineData("\u001b[?1h\u001b[?12h\u001b[?2026h", "", "")]
    [InlineData("\u001b[6n\u001b[c\u001b[2J\u001b[H", "", "")]
    public void Modes_are_restored_and_switched_off(string output, string enter, string leave)
    {
        for (var cut = 0; cut <= output.Length; cut++)
        {
            var modes = new TerminalModes();
            modes.Track(Encoding.Latin1.GetBytes(output[..cut]));
            modes.Track(Encoding.Latin1.GetBytes(output[cut..]));
            Assert.Equal((enter, leave), (modes.Enter(), modes.Leave()));
        }
    }

    [Fact]
    public void Switching_off_leaves_a_fresh_terminal_and_noise_is_harmless()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            // Escape and bracket often enough to form sequences.
            var noise = Enumerable
                .Range(0, 400)
                .Select(_ => random.Next(3) == 0 ? "\u001b[?;0159hlmr"[random.Next(12)] : (char)random.Next(256))
                .Select(c => (byte)c)
                .ToArray();
            var modes = new TerminalModes();
            modes.Track(noise);
            // Out of whatever sequence the noise has left unfinished.
            modes.Track("\u001b\\\u0018x"u8);
            modes.Track(Encoding.Latin1.GetBytes(modes.Leave()));
            Assert.Equal(("", ""), (modes.Enter(), modes.Leave()));
        }
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("text", false)]
    [InlineData("text\r\n", true)]
    [InlineData("text\r\n\u001b[0m\u001b[?25h", true)]
    [InlineData("/ # \u001b[6n", false)]
    [InlineData("text\r", false)]
    public void Whether_the_cursor_is_at_a_lines_start_is_known(string output, bool start)
    {
        var modes = new TerminalModes();
        modes.Track(Encoding.Latin1.GetBytes(output));
        Assert.Equal(start, modes.AtLineStart);
    }
}
