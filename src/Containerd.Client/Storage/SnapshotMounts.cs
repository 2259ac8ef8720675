using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Host.Mounts;

namespace Containerd.Client;

/// <summary>
/// The mounts of Mount-CtrSnapshot and Mount-CtrImage on this machine: one record for each in a folder that is emptied when the machine
/// restarts, like the mounts. Any later process can unmount them.
/// </summary>
public static class SnapshotMounts
{
    private const string Kind = "mounts";

    private static string Folder => OperatingSystem.IsLinux() ? RunFolder.Of(Kind) : "";

    /// <summary>Lists the mounts, by path.</summary>
    /// <returns>The mounts, with their session if it is open in this process.</returns>
    public static IReadOnlyList<CtrSnapshotMount> List() => [.. Records().Select(r => r.ToModel())];

    /// <summary>Lists the mounts with trusted records: if another user could have written the records, there are none.</summary>
    internal static IReadOnlyList<CtrSnapshotMount> Believed()
    {
        try
        {
            return List();
        }
        catch (CtrPermissionException)
        {
            return [];
        }
    }

    /// <summary>Finds the mount on a directory.</summary>
    /// <param name="path">The absolute path of the directory.</param>
    /// <returns>The mount.</returns>
    /// <exception cref="CtrNotFoundException">MountNotFound.</exception>
    public static CtrSnapshotMount Get(string path) => Find(path).ToModel();

    /// <summary>Removes a mount, and the view that was created for it.</summary>
    /// <param name="path">The absolute path of the directory.</param>
    /// <param name="lazy">Whether it is detached even if it is in use.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. It is checked only before the first change.</param>
    /// <returns>A sentence about leftovers that could not be removed; null for none.</returns>
    /// <exception cref="CtrNotFoundException">MountNotFound.</exception>
    /// <exception cref="CtrConflictException">MountBusy.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<string?> DismountAsync(string path, bool lazy, CancellationToken cancellationToken = default)
    {
        var record = Find(path);
        cancellationToken.ThrowIfCancellationRequested();
        if (OperatingSystem.IsLinux())
        {
            // A user may have unmounted it manually.
            for (var i = 0; i < record.Count && MountTable.Count(record.Path) > 0; i++)
                HostMounter.Unmount(record.Path, lazy);
        }

        var left = await RemoveViewAsync(record).ConfigureAwait(false);
        File.Delete(FileOf(record.Path));
        return left;
    }

    [SupportedOSPlatform("linux")]
    internal static void Add(CtrSnapshotMount mount, int count)
    {
        RunFolder.Make(Kind);
        var record = new Record(
            mount.Path,
            mount.Snapshot,
            mount.Snapshotter,
            mount.View,
            mount.ReadOnly,
            mount.Address,
            mount.Namespace ?? "",
            mount.MountedAt.ToUniversalTime(),
            count,
            mount.Image
        );
        TrustedFolder.Write(FileOf(mount.Path), JsonSerializer.SerializeToUtf8Bytes(record));
    }

    private static Record Find(string path) =>
        Records().FirstOrDefault(r => r.Path == path)
        ?? throw new CtrNotFoundException($"There is no mount of a snapshot or an image on '{path}'.")
        {
            ErrorId = ErrorIds.MountNotFound,
            Subject = path,
            Remedy = "List the mounts, and check the path.",
        };

    private static List<Record> Records()
    {
        var records = new List<Record>();
        if (!OperatingSystem.IsLinux() || !RunFolder.Check(Kind))
            return records;
        var points = MountTable.Points().ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Folder, "*.json"))
        {
            try
            {
                if (!TrustedFolder.IsTrustedFile(file))
                    continue;
                if (JsonSerializer.Deserialize<Record>(File.ReadAllText(file)) is not { } record)
                    continue;
                // Unmounted manually: a record with a view is kept until it is dismounted, because the view still exists.
                if (points.Contains(record.Path) || record.View.Length > 0)
                    records.Add(record);
                else
                    File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
            {
                // Another process is removing or writing it, or it belongs to another user.
            }
        }

        return [.. records.OrderBy(r => r.Path, StringComparer.Ordinal)];
    }

    private static async Task<string?> RemoveViewAsync(Record record)
    {
        if (record.View.Length == 0)
            return null;
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        DaemonConnection? own = null;
        try
        {
            var connection = DaemonConnection.FindOpen(record.Address)
                ?? (
                    own = await DaemonConnection
                        .OpenAsync(new ConnectOptions { Address = record.Address, Timeout = TimeSpan.FromSeconds(10) }, deadline.Token)
                        .ConfigureAwait(false)
                );
            await new StorageScope(connection, record.Namespace)
                .Snapshots.Records.RemoveAsync(record.Snapshotter, record.View, deadline.Token)
                .ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            return $"The snapshot '{record.View}' that was made for it stays, for its daemon ({record.Address}) cannot be asked to "
                + $"remove it: {e.Message}";
        }
        finally
        {
            own?.Dispose();
        }
    }

    private static string FileOf(string path) =>
        Path.Combine(Folder, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16].ToLowerInvariant() + ".json");

    private sealed record Record(
        string Path,
        string Snapshot,
        string Snapshotter,
        string View,
        bool ReadOnly,
        string Address,
        string Namespace,
        DateTime MountedAt,
        int Count,
        string? Image
    )
    {
        internal CtrSession? Session() => DaemonConnection.FindOpen(Address)?.Session;

        internal CtrSnapshotMount ToModel() =>
            new()
            {
                Path = Path,
                Image = Image ?? "",
                Snapshot = Snapshot,
                Snapshotter = Snapshotter,
                View = View,
                ReadOnly = ReadOnly,
                Address = Address,
                Namespace = Namespace,
                MountedAt = MountedAt.ToLocalTime(),
                Session = Session(),
            };
    }
}
