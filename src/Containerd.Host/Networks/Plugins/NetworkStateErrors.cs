using System.Runtime.InteropServices;

namespace Containerd.Host.Networks.Plugins;

/// <summary>Errors of files and mounts that the module itself needs for networks.</summary>
internal static class NetworkStateErrors
{
    /// <summary>The error of a system call.</summary>
    /// <param name="what">What failed, without a full stop.</param>
    /// <param name="error">The error number.</param>
    internal static CtrFileException Failed(string what, int error) => Failed(what, Marshal.GetPInvokeErrorMessage(error), null);

    /// <summary>The error for an exception.</summary>
    internal static CtrFileException Failed(string what, Exception cause) => Failed(what, cause.Message.TrimEnd('.'), cause);

    private static CtrFileException Failed(string what, string why, Exception? cause) =>
        new($"{what}: {why}.", cause)
        {
            ErrorId = ErrorIds.NetworkStateFailed,
            Remedy = "Check the permissions and the free space of the folder on the daemon's host.",
        };
}
