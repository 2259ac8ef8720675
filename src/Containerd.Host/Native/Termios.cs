using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Containerd.Host.Native;

/// <summary>Settings of the terminal at this process's standard input. The numbers are those of Linux.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class Termios
{
    private const int Input = 0;
    private const int Output = 1;
    private const int SetNow = 0;
    private const int SetAfterOutput = 1;
    private const nuint GetWindowSize = 0x5413;
    private const nuint GetPending = 0x541b;
    private const int EndAt = 4;
    private const int TimeAt = 5;
    private const int MinimumAt = 6;

    // Of c_iflag.
    private const uint IgnoreBreak = 0x1;
    private const uint BreakInterrupts = 0x2;
    private const uint MarkParity = 0x8;
    private const uint StripEighthBit = 0x20;
    private const uint NewlineToReturn = 0x40;
    private const uint IgnoreReturn = 0x80;
    private const uint ReturnToNewline = 0x100;
    private const uint FlowOnOutput = 0x400;

    // Of c_oflag.
    private const uint ProcessOutput = 0x1;

    // Of c_cflag.
    private const uint SizeMask = 0x30;
    private const uint EightBits = 0x30;
    private const uint Parity = 0x100;

    // Of c_lflag.
    private const uint Signals = 0x1;
    private const uint Canonical = 0x2;
    private const uint Echo = 0x8;
    private const uint EchoErase = 0x10;
    private const uint EchoKill = 0x20;
    private const uint EchoNewline = 0x40;
    private const uint Extended = 0x8000;

    private readonly Settings _settings;

    private Termios(Settings settings) => _settings = settings;

    /// <summary>Reads the settings; null if standard input is not a terminal.</summary>
    internal static Termios? Read() => GetAttributes(Input, out var settings) == 0 ? new Termios(settings) : null;

    /// <summary>
    /// Raw mode: all keys, including Ctrl+C, and all output bytes are passed unchanged; another terminal behind this one interprets them.
    /// </summary>
    internal Termios Raw()
    {
        var settings = _settings;
        settings.InputModes &= ~(
            IgnoreBreak | BreakInterrupts | MarkParity | StripEighthBit | NewlineToReturn | IgnoreReturn | ReturnToNewline | FlowOnOutput
        );
        settings.OutputModes &= ~ProcessOutput;
        settings.LocalModes &= ~(Echo | EchoNewline | Canonical | Signals | Extended);
        settings.ControlModes = (settings.ControlModes & ~(SizeMask | Parity)) | EightBits;
        return OneByOne(settings);
    }

    /// <summary>Keys are read one by one and not echoed. Ctrl+C is still a signal.</summary>
    internal Termios Keys()
    {
        var settings = _settings;
        settings.LocalModes &= ~(Canonical | Echo);
        return OneByOne(settings);
    }

    /// <summary>
    /// Input is echoed, and read line by line; Ctrl+D is the end, Ctrl+C is still a signal. A shell with a line editor leaves other
    /// settings.
    /// </summary>
    internal Termios Lines()
    {
        var settings = _settings;
        settings.InputModes |= ReturnToNewline;
        settings.LocalModes |= Canonical | Echo | EchoErase | EchoKill | Signals | Extended;
        settings.Characters[EndAt] = ControlCharacters.EndOfTransmission;
        return new Termios(settings);
    }

    /// <summary>Applies the settings.</summary>
    /// <param name="now">Immediately; otherwise after pending output was shown.</param>
    internal void Apply(bool now = false) => _ = SetAttributes(Input, now ? SetNow : SetAfterOutput, in _settings);

    /// <summary>The columns and lines of the window; null if they are not known.</summary>
    internal static (int Width, int Height)? WindowSize() =>
        Control(Output, GetWindowSize, out var size) == 0 && size is { Columns: > 0, Rows: > 0 } ? (size.Columns, size.Rows) : null;

    /// <summary>The number of typed bytes that have not been read.</summary>
    internal static int Pending() => ControlCount(Input, GetPending, out var count) == 0 ? count : 0;

    /// <summary>
    /// A read returns the available bytes, even if there are none: the reader has polled before, and must not block if another reader was
    /// faster.
    /// </summary>
    private static Termios OneByOne(Settings settings)
    {
        settings.Characters[MinimumAt] = 0;
        settings.Characters[TimeAt] = 0;
        return new Termios(settings);
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, out Settings settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, in Settings settings);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, out Window window);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int ControlCount(int descriptor, nuint request, out int count);

    [StructLayout(LayoutKind.Sequential)]
    private struct Settings
    {
        internal uint InputModes;
        internal uint OutputModes;
        internal uint ControlModes;
        internal uint LocalModes;
        internal byte Line;
        internal fixed byte Characters[32];
        internal uint InputSpeed;
        internal uint OutputSpeed;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Window
    {
        internal ushort Rows;
        internal ushort Columns;
        internal ushort WidthInPixels;
        internal ushort HeightInPixels;
    }
}
