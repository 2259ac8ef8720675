using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>Something in a file system that was found, and is held: whatever its path leads to later, this stays the same.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileNode : IDisposable
{
    internal FileNode(SafeFileHandle handle)
    {
        Handle = handle;
        Stat = LibcMounts.Stat(handle);
    }

    /// <summary>A handle of the place alone (O_PATH), through which nothing is read or written.</summary>
    internal SafeFileHandle Handle { get; }

    /// <summary>What it was when it was found.</summary>
    internal FileStat Stat { get; }

    internal bool IsDirectory => Stat.Kind == FileKind.Directory;

    internal bool IsLink => Stat.Kind == FileKind.SymbolicLink;

    public void Dispose() => Handle.Dispose();
}
