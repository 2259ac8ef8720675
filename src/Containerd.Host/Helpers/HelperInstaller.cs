using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Host.Helpers;

/// <summary>
/// Puts the helper program where containerd's shim can start it, whatever becomes of the folder of the library. One path stands for all
/// builds with the same contract: the log URIs of tasks name it, and a task that starts again uses the newest build. A build is replaced by
/// a newer one, by rename, and never by an older one. A program with another contract, or of a version that named the file after its
/// content, has another path; <see cref="FormerHelpers"/> removes it when nothing uses it.
/// </summary>
/// <param name="root">A folder that exists, or is created; it is not checked.</param>
/// <param name="folder">The folder of the program, below the root.</param>
[SupportedOSPlatform("linux")]
internal sealed class HelperInstaller(string root, string folder)
{
    /// <summary>The path of the installed program.</summary>
    internal string Path { get; } = System.IO.Path.Combine(folder, HelperContract.InstalledName);

    /// <summary>Installs a program, unless it is installed already or a newer one is.</summary>
    /// <param name="packed">The program that comes with the library.</param>
    /// <returns>Whether it was installed now.</returns>
    /// <exception cref="CtrNotSupportedException">The machine cannot execute it (HelperNotExecutable); nothing is installed.</exception>
    internal bool Install(string packed)
    {
        TrustedFolder.Make(root, folder, tighten: true);
        if (IsInstalled(packed))
            return false;
        using var held = HelperLock.Take(folder);
        // Another process may have installed one in the meantime.
        if (IsInstalled(packed) || IsInstalledNewer(packed))
            return false;
        foreach (var rest in Directory.EnumerateFiles(folder, HelperContract.InstalledName + ".*"))
            File.Delete(rest);
        var copy = $"{Path}.{Guid.NewGuid():N}";
        try
        {
            // The shim executes it as root: it is complete and known to run before it gets its name.
            File.Copy(packed, copy);
            File.SetUnixFileMode(copy, TrustedFolder.FolderMode);
            _ = HelperCheck.Version(copy, folder);
            File.Move(copy, Path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>Checks that the installed program can still be executed.</summary>
    /// <exception cref="CtrNotSupportedException">HelperNotExecutable.</exception>
    internal void Check() => _ = HelperCheck.Version(Path, folder);

    private bool IsInstalled(string packed) =>
        TrustedFolder.IsTrustedFile(Path) && HostProgram.IsExecutable(Path) && HelperProgram.AreEqual(packed, Path);

    /// <summary>
    /// Whether the installed program has a higher version or, with the same one, was built later; a copy keeps the file's time.
    /// </summary>
    private bool IsInstalledNewer(string packed)
    {
        if (!TrustedFolder.IsTrustedFile(Path))
            return false;
        try
        {
            var order = HelperCheck.Version(Path, folder).Build.CompareTo(HelperProgram.BuildVersion);
            return order > 0 || (order == 0 && File.GetLastWriteTimeUtc(Path) >= File.GetLastWriteTimeUtc(packed));
        }
        catch (CtrNotSupportedException)
        {
            // A program that does not run is not worth keeping.
            return false;
        }
    }
}
