using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Containerd.Client.Native;

/// <summary>The terminal's settings as they were, to be put back. The numbers are Linux's.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class Termios
{
    private const int Input = 0;
    private const int Output = 1;
    private const int SetAfterOutput = 1;
    private const uint Canonical = 2;
    private const uint Echo = 8;
    private const int MinimumAt = 6;
    private const int TimeAt = 5;
    private const nuint GetWindowSize = 0x5413;
    private const short Readable = 1;

    private readonly Settings _before;

    private Termios(Settings before) => _before = before;

    /// <summary>Has keys come one by one and unseen. Ctrl+C stays a signal.</summary>
    /// <returns>The settings before; null where standard input is no terminal.</returns>
    internal static Termios? WithoutEcho()
    {
        if (GetAttributes(Input, out var settings) != 0)
            return null;
        var before = new Termios(settings);
        settings.Local &= ~(Canonical | Echo);
        settings.Characters[MinimumAt] = 1;
        settings.Characters[TimeAt] = 0;
        return SetAttributes(Input, SetAfterOutput, in settings) == 0 ? before : null;
    }

    internal void Restore() => _ = SetAttributes(Input, SetAfterOutput, in _before);

    /// <summary>The window's columns and lines; null where they are not known.</summary>
    internal static (int Width, int Height)? WindowSize() =>
        Control(Output, GetWindowSize, out var size) == 0 && size is { Columns: > 0, Rows: > 0 } ? (size.Columns, size.Rows) : null;

    /// <summary>A byte that was typed; null when none was for a while.</summary>
    internal static char? ReadKey(int milliseconds)
    {
        var wait = new PollEntry { Descriptor = Input, Events = Readable };
        var ready = Poll(ref wait, 1, milliseconds);
        if (ready <= 0)
            return null;
        byte key;
        return (wait.Returned & Readable) != 0 && Read(Input, &key, 1) == 1 ? (char)key : throw new IOException("The terminal has gone.");
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, out Settings settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, in Settings settings);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, out Window window);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, byte* buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct Settings
    {
        internal uint InputModes;
        internal uint OutputModes;
        internal uint ControlModes;
        internal uint Local;
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

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }
}
