using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>
/// The folder of this module for files that last until the machine is started again: below /run for root, below $XDG_RUNTIME_DIR for other
/// users. A user without one has
/// a folder with the user's id in its name below the temporary folder, where everybody may create files: whoever was first owns a name, so
/// the owner is checked.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class RunFolder
{
    private const string Ours = "containerd-powershell";

    /// <summary>Whether the folder lies where other users can take its name.</summary>
    internal static bool IsShared => Choose().Shared;

    /// <summary>The path of a folder, which may not exist.</summary>
    /// <param name="kind">What it is for.</param>
    internal static string Of(string kind) => Choose() is var (root, name, _) ? Path.Combine(root, name, kind) : "";

    /// <summary>Checks a folder before it is read.</summary>
    /// <param name="kind">What it is for.</param>
    /// <returns>Whether it exists.</returns>
    /// <exception cref="CtrPermissionException">UntrustedFolder.</exception>
    internal static bool Check(string kind) => TrustedFolder.Check(Choose().Root, Of(kind));

    /// <summary>Creates a folder, and checks it before it is written to.</summary>
    /// <param name="kind">What it is for.</param>
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
        // One that belongs to another user is left over from that user's session, as after su.
        if (
            Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } own
            && Path.IsPathRooted(own)
            && TrustedFolder.IsTrusted(own)
        )
            return (own, Ours, false);
        return (Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Ours}-{LibcFiles.User}"), true);
    }
}
