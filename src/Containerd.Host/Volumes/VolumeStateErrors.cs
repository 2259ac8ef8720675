using System.Runtime.InteropServices;

namespace Containerd.Host.Volumes;

/// <summary>Errors of the folders that volumes are in.</summary>
internal static class VolumeStateErrors
{
    /// <summary>The error of a system call.</summary>
    internal static CtrPermissionException NotWritable(string name, string path, int error) =>
        NotWritable(name, path, Marshal.GetPInvokeErrorMessage(error), null);

    /// <summary>The error for an exception.</summary>
    internal static CtrPermissionException NotWritable(string name, string path, Exception cause) =>
        NotWritable(name, path, cause.Message.TrimEnd('.'), cause);

    private static CtrPermissionException NotWritable(string name, string path, string why, Exception? cause) =>
        new($"The volume '{name}' cannot be changed in '{path}': {why}.", cause)
        {
            ErrorId = ErrorIds.VolumeNotWritable,
            Subject = path,
            RemedyId = "AsRoot",
            Remedy = "Run as root, and check that the file system can be written to.",
        };
}
