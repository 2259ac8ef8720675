using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Volumes;

/// <summary>A volume that is being created. Its lock shows that its process is running.</summary>
/// <param name="volume">The volume, with a temporary name.</param>
[SupportedOSPlatform("linux")]
internal sealed class UnfinishedVolume(VolumeFolder volume) : IDisposable
{
    private readonly SafeFileHandle? _held = LibcFiles.LockFolder(volume.Path);

    /// <summary>The volume.</summary>
    internal VolumeFolder Volume => volume;

    /// <summary>Whether it has its name.</summary>
    internal bool IsPublished { get; set; }

    public void Dispose()
    {
        if (!IsPublished)
            VolumeStore.TryRemoveTree(Path.GetDirectoryName(volume.Path)!, volume.Name);
        _held?.Dispose();
    }
}
