using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>
/// The folder of this module for files that are kept until the machine restarts: below /run for root, below $XDG_RUNTIME_DIR for other
/// users. Without that variable, it is a folder with the user's id in its name below the temporary folder, where any user can create files:
/// the first one to create a name owns it, so the owner is checked.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class RunFolder
{
    private const string Ours = "containerd-powershell";

    /// <summary>Whether other users can create the folder first.</summary>
    internal static bool IsShared => Choose().Shared;

    /// <summary>The path of a folder, which may not exist.</summary>
    /// <param name="kind">Its purpose.</param>
    internal static string Of(string kind) => Choose() is var (root, name, _) ? Path.Combine(root, name, kind) : "";

    /// <summary>Checks a folder before reading it.</summary>
    /// <param name="kind">Its purpose.</param>
    /// <returns>Whether it exists.</returns>
    /// <exception cref="CtrPermissionException">UntrustedFolder.</exception>
    internal static bool Check(string kind) => TrustedFolder.Check(Choose().Root, Of(kind));

    /// <summary>Creates a folder, and checks it before writing to it.</summary>
    /// <param name="kind">Its purpose.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="CtrPermissionException">UntrustedFolder.</exception>
    internal static string Make(string kind)
    {
        TrustedFolder.Make(Choose().Root, Of(kind));
        return Of(kind);
    }

    private static (string Root, string Name, bool Shared) Choose()
    {
        if (Environment.IsPrivilegedProcess && Directory.Exists("/run"))
            return ("/run", Ours, false);
        // A folder of another user is from that user's session, as after su.
        if (
            Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own
            && Path.IsPathRooted(own)
            && TrustedFolder.IsTrusted(own)
        )
            return (own, Ours, false);
        return (Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Ours}-{LibcFiles.User}"), true);
    }
}
