using System.Runtime.Versioning;
using System.Security.Cryptography;
using Containerd.Client.Transport;
using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The key that identifies a daemon's own checkpoints: 32 random bytes in the daemon's data folder, readable only by its owner. The
/// manifest of a checkpoint contains the digest of every file, and an HMAC of itself. An id would not be sufficient, because it can be
/// copied from any archive.
/// </summary>
internal static class CheckpointKey
{
    private const string FolderName = "containerd-powershell";
    private const string FileName = "checkpoint.key";
    private const int Length = 32;

    /// <summary>A daemon's key.</summary>
    /// <param name="connection">The session.</param>
    /// <param name="create">Whether it is created if it does not exist.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The key; null if there is none, or this user cannot read the daemon's data folder.</returns>
    internal static async Task<byte[]?> GetAsync(DaemonConnection connection, bool create, CancellationToken cancellationToken)
    {
        if (
            !OperatingSystem.IsLinux()
            || await DaemonHost.FindFolderAsync(connection, cancellationToken).ConfigureAwait(false) is not { } root
        )
            return null;
        try
        {
            return Get(root, create);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CtrPermissionException)
        {
            return null;
        }
    }

    /// <summary>The HMAC of a manifest without its own.</summary>
    internal static byte[] Seal(byte[] key, CheckpointManifest manifest)
    {
        var own = manifest.Seal;
        manifest.Seal = null;
        try
        {
            return HMACSHA256.HashData(key, manifest.ToJson());
        }
        finally
        {
            manifest.Seal = own;
        }
    }

    /// <summary>Whether a manifest was sealed with a key.</summary>
    internal static bool IsSealed(byte[] key, CheckpointManifest manifest) =>
        manifest.Seal is { } seal && CryptographicOperations.FixedTimeEquals(seal, Seal(key, manifest));

    [SupportedOSPlatform("linux")]
    private static byte[]? Get(string root, bool create)
    {
        var folder = Path.Combine(root, FolderName);
        var path = Path.Combine(folder, FileName);
        if (!TrustedFolder.Check(root, folder) || !File.Exists(path))
        {
            if (!create)
                return null;
            TrustedFolder.Make(root, folder);
            TrustedFolder.TryWriteNew(path, RandomNumberGenerator.GetBytes(Length));
        }

        return TrustedFolder.IsPrivateFile(path) && File.ReadAllBytes(path) is { Length: Length } key ? key : null;
    }
}
