using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Native;

/// <summary>What poll(2) waits for: input of one descriptor.</summary>
/// <param name="descriptor">The descriptor.</param>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry(int descriptor)
{
    internal const short Readable = 1;
    internal const short Failed = 8;
    internal const short HungUp = 16;

    private int _descriptor = descriptor;
    private readonly short _events = Readable;
    private readonly short _returned;

    /// <param name="handle">The descriptor's handle, which its user keeps open.</param>
    internal PollEntry(SafeFileHandle handle)
        : this((int)handle.DangerousGetHandle()) { }

    /// <summary>Whether the descriptor is waited for.</summary>
    internal readonly bool IsOpen => _descriptor >= 0;

    /// <summary>What poll(2) has found.</summary>
    internal readonly short Returned => _returned;

    /// <summary>Whether there is input, or the end of it.</summary>
    internal readonly bool IsReady => IsOpen && (_returned & (Readable | Failed | HungUp)) != 0;

    /// <summary>Waits for this descriptor no longer: poll(2) skips negative ones.</summary>
    internal void Close() => _descriptor = -1;
}
