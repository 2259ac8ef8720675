using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Helpers;

/// <summary>The lock of a folder with helper programs, for the processes that install or remove them.</summary>
[SupportedOSPlatform("linux")]
internal static class HelperLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits for the lock.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The lock, which is released when it is disposed.</returns>
    /// <exception cref="IOException">Another process has it for too long.</exception>
    internal static SafeFileHandle Take(string folder)
    {
        var giveUp = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            if (LibcFiles.LockFolder(folder) is { } held)
                return held;
            if (Environment.TickCount64 > giveUp)
                throw new IOException($"Another process has been installing a program in {folder} for too long");
            Thread.Sleep(20);
        }
    }
}
