using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// The lock of all changes to the networks of containers on this machine. containerd cannot compare and swap a spec, so two clients that
/// change one container at the same time would lose one of the changes.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class ContainerLock
{
    private const string Folder = "network-changes";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    // A change takes as long as its plugins.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Waits for the lock.</summary>
    /// <returns>The lock, which is released when it is disposed or this process ends.</returns>
    /// <exception cref="CtrTimeoutException">NetworkBusy.</exception>
    internal static async Task<SafeFileHandle> TakeAsync(CancellationToken cancellationToken)
    {
        var folder = RunFolder.Make(Folder);
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (true)
        {
            if (LibcFiles.LockFolder(folder) is { } held)
                return held;
            if (Environment.TickCount64 > end)
                throw new CtrTimeoutException(
                    $"Another process has been changing the networks of containers for {Patience.TotalSeconds:0} seconds."
                )
                {
                    ErrorId = ErrorIds.NetworkBusy,
                    Subject = folder,
                    Remedy = "Try again. If it does not help, find the process that holds the lock on the folder.",
                };
            await Task.Delay(Step, cancellationToken).ConfigureAwait(false);
        }
    }
}
