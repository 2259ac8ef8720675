using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>An item of a file system, held by a handle: it stays the same even if its path refers to something else later.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FileNode : IDisposable
{
    internal FileNode(SafeFileHandle handle)
    {
        Handle = handle;
        Stat = LibcMounts.Stat(handle);
    }

    /// <summary>A handle of the location only (O_PATH), which cannot be used to read or write.</summary>
    internal SafeFileHandle Handle { get; }

    /// <summary>Its status when it was found.</summary>
    internal FileStat Stat { get; }

    internal bool IsDirectory => Stat.Kind == FileKind.Directory;

    internal bool IsLink => Stat.Kind == FileKind.SymbolicLink;

    public void Dispose() => Handle.Dispose();
}
