using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Requests;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Networks.Plugins;

/// <summary>
/// Plugins of one network must not run at the same time: two of them would create the same bridge, or change a chain of rules that the
/// other one reads. nerdctl uses the same lock.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class NetworkLock
{
    private const uint OwnerOnly = 0x180;
    private const int Step = 10;

    /// <summary>Waits for the lock.</summary>
    /// <returns>The lock, which is released when it is disposed or this process ends.</returns>
    /// <exception cref="CtrTimeoutException">NetworkBusy.</exception>
    internal static SafeFileHandle Take(NetworkFolders folders, TimeSpan limit)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folders.Lock)!);
        var file = Open(folders.Lock);
        var budget = new TimeBudget(limit);
        while (!LibcFiles.TryLock(file, shared: false, out var error))
        {
            if (error != 0)
            {
                file.Dispose();
                throw NetworkStateErrors.Failed($"The lock '{folders.Lock}' cannot be taken", error);
            }

            if (budget.Remaining == TimeSpan.Zero)
            {
                file.Dispose();
                throw new CtrTimeoutException(
                    $"The networks of this daemon have been in use by another process for {limit.TotalSeconds:0} seconds."
                )
                {
                    ErrorId = ErrorIds.NetworkBusy,
                    Subject = folders.Lock,
                    Remedy = "Try again. If it does not help, find the process that holds the lock on the file.",
                };
            }

            Thread.Sleep(Step);
        }

        return file;
    }

    private static SafeFileHandle Open(string path)
    {
        using var folder = LibcMounts.Open(Path.GetDirectoryName(path)!, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY, out var error);
        var file = folder is null
            ? null
            : LibcFiles.Open(
                folder,
                System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(path)),
                LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcMounts.O_NOFOLLOW,
                OwnerOnly,
                out error
            );
        return file ?? throw NetworkStateErrors.Failed($"The lock '{path}' cannot be opened", error);
    }
}
