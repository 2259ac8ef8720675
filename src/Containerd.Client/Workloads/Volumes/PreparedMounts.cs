using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>
/// The mounts of a container that is being created, with volumes as folders of the host. The volumes stay locked until this is disposed:
/// when containerd has the container, or after everything that was created for it has been removed.
/// </summary>
internal sealed class PreparedMounts : IDisposable
{
    private readonly List<SafeFileHandle> _locks = [];
    private readonly List<string> _folders = [];
    private readonly List<string> _anonymous = [];
    private readonly List<MountedImage> _images = [];
    private readonly List<Func<CancellationToken, Task>> _undo = [];

    /// <summary>The mounts.</summary>
    internal List<CtrMount> Mounts { get; } = [];

    /// <summary>The labels of the container.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Labels => VolumeLabels.Of(_anonymous).Concat(ImageMountLabels.Of(_images));

    /// <summary>Holds the lock of a volume.</summary>
    internal void Hold(SafeFileHandle handle) => _locks.Add(handle);

    /// <summary>Records that a folder was created for a bind.</summary>
    internal void Created(string folder) => _folders.Add(folder);

    /// <summary>Records that an anonymous volume belongs to the container.</summary>
    internal void Own(string name) => _anonymous.Add(name);

    /// <summary>Records how a volume that was created is removed.</summary>
    [SupportedOSPlatform("linux")]
    internal void Created(ImageScope ns, VolumeHost host, VolumeFolder volume) =>
        // Also a container with the same id keeps it: another creation was faster.
        _undo.Add(deadline => new VolumeRemoval(ns, host).RemoveAsync(volume, deadline));

    /// <summary>Records the view of an image, and how it is removed.</summary>
    internal void Created(MountedImage image, Func<CancellationToken, Task> undo)
    {
        _images.Add(image);
        _undo.Add(undo);
    }

    /// <summary>Removes what was created, because the container was not.</summary>
    internal async Task DiscardAsync()
    {
        Release();
        foreach (var undo in _undo)
            await BackgroundWork.TryCleanUpAsync(undo).ConfigureAwait(false);
        // The deepest folder was created last.
        foreach (var folder in Enumerable.Reverse(_folders))
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another program uses it already.
            }
        }
    }

    public void Dispose() => Release();

    private void Release()
    {
        _locks.ForEach(held => held.Dispose());
        _locks.Clear();
    }
}
