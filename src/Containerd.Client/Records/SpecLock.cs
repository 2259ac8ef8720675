using System.Buffers.Binary;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Records;

/// <summary>
/// The lock of all changes to the spec of a container by clients of one user on this machine: it is held from reading a spec until the
/// changed one is written. containerd cannot compare and swap a spec, so of two changes at the same time one would be lost.
/// </summary>
internal sealed class SpecLock : IDisposable
{
    private const string Folder = "spec-changes";
    private const string FileName = "lock";
    private const uint OwnerOnly = 0x180; // 0600

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    // A change of the networks takes as long as its plugins.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SafeFileHandle? _file;

    private SpecLock(SafeFileHandle? file) => _file = file;

    /// <summary>Waits for the lock.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <param name="containerIds">The containers, whose lock the caller does not hold.</param>
    /// <returns>The lock, which is released when it is disposed or this process ends.</returns>
    /// <exception cref="CtrTimeoutException">ContainerBusy.</exception>
    internal static async Task<SpecLock> TakeAsync(RecordScope ns, CancellationToken cancellationToken, params string[] containerIds)
    {
        // Clients of another host are on other machines.
        if (!OperatingSystem.IsLinux() || !ns.Connection.Address.IsLocal || Open() is not { } file)
            return new SpecLock(null);
        try
        {
            // In one order, so that no two processes wait for each other.
            foreach (var (position, id) in containerIds.Select(id => (PositionOf(ns, id), id)).DistinctBy(c => c.Item1).Order())
                await LockAsync(file, position, id, cancellationToken).ConfigureAwait(false);
            return new SpecLock(file);
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    [SupportedOSPlatform("linux")]
    private static async Task LockAsync(SafeFileHandle file, long position, string containerId, CancellationToken cancellationToken)
    {
        var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!LibcFiles.TryLockByte(file, position, out var isSupported) && isSupported)
        {
            if (Environment.TickCount64 > end)
                throw Busy(containerId);
            await Task.Delay(Step, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens the file whose bytes are locked: one for each container, so that none waits for another one.</summary>
    /// <returns>
    /// The file; null if this user has no folder for it, as on a read-only system, where no other process can have it either.
    /// </returns>
    [SupportedOSPlatform("linux")]
    private static SafeFileHandle? Open()
    {
        try
        {
            var path = RunFolder.Make(Folder);
            using var folder = LibcMounts.Open(path, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY | LibcMounts.O_NOFOLLOW, out _);
            var flags = LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcMounts.O_NOFOLLOW;
            return folder is null ? null : LibcFiles.Open(folder, Encoding.ASCII.GetBytes(FileName), flags, OwnerOnly, out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CtrPermissionException)
        {
            return null;
        }
    }

    // The largest offset of a file is 2^63 - 1.
    private static long PositionOf(RecordScope ns, string containerId) =>
        BinaryPrimitives.ReadInt64LittleEndian(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{ns.Connection.Uuid}/{ns.Namespace}/{containerId}"))
        ) & (long.MaxValue >> 1);

    private static CtrTimeoutException Busy(string containerId) =>
        new($"Another process has been changing the container '{containerId}' for {Patience.TotalSeconds:0} seconds.")
        {
            ErrorId = ErrorIds.ContainerBusy,
            Subject = containerId,
            Remedy = "Try again. If it does not help, find the process that changes it: it may hang.",
        };
}
