using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Records;

/// <summary>
/// The lock of all changes to the specs of containers by clients on this machine: it is held from reading a spec until the changed one is
/// written. containerd cannot compare and swap a spec, so of two changes at the same time one would be lost.
/// </summary>
internal sealed class SpecLock : IDisposable
{
    private const string Folder = "spec-changes";

    // A folder for each container would stay after it. Containers that share a folder only wait for each other.
    private const int Folders = 64;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    // A change of the networks takes as long as its plugins.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly List<SafeFileHandle> _held = [];

    private SpecLock() { }

    /// <summary>Waits for the lock.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <param name="containerIds">The containers, whose lock the caller does not hold.</param>
    /// <returns>The lock, which is released when it is disposed or this process ends.</returns>
    /// <exception cref="CtrTimeoutException">ContainerBusy.</exception>
    internal static async Task<SpecLock> TakeAsync(RecordScope ns, CancellationToken cancellationToken, params string[] containerIds)
    {
        var all = new SpecLock();
        if (!OperatingSystem.IsLinux())
            return all;
        try
        {
            // In one order, so that no two processes wait for each other.
            foreach (var number in containerIds.Select(id => NumberOf(ns, id)).Distinct().Order())
            {
                var folder = RunFolder.Make(string.Create(CultureInfo.InvariantCulture, $"{Folder}/{number:x2}"));
                var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
                SafeFileHandle? held;
                while ((held = LibcFiles.LockFolder(folder)) is null)
                {
                    if (Environment.TickCount64 > end)
                        throw Busy(containerIds[0], folder);
                    await Task.Delay(Step, cancellationToken).ConfigureAwait(false);
                }

                all._held.Add(held);
            }

            return all;
        }
        catch (Exception)
        {
            all.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.ForEach(handle => handle.Dispose());

    private static int NumberOf(RecordScope ns, string containerId) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{ns.Connection.Uuid}/{ns.Namespace}/{containerId}"))[0] % Folders;

    private static CtrTimeoutException Busy(string containerId, string folder) =>
        new($"Another process has been changing the container '{containerId}' for {Patience.TotalSeconds:0} seconds.")
        {
            ErrorId = ErrorIds.ContainerBusy,
            Subject = containerId,
            Remedy = $"Try again. If it does not help, find the process that holds the lock on the folder '{folder}'.",
        };
}
