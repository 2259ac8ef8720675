using System.Runtime.Versioning;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Host.Processes;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Helpers;

/// <summary>
/// Puts the helper program where containerd's shim can start it, whatever becomes of the folder of the library. One path stands for all
/// builds with the same contract: the log URIs of tasks name it, and a task that starts again uses the newest build. A build is replaced by
/// a newer one, by rename, and never by an older one. A program with another contract, or of a version that named the file after its
/// content, has another path and stays.
/// </summary>
/// <param name="root">A folder that exists, or is created; it is not checked.</param>
/// <param name="folder">The folder of the program, below the root.</param>
[SupportedOSPlatform("linux")]
internal sealed class HelperInstaller(string root, string folder)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(30);

    /// <summary>The path of the installed program.</summary>
    internal string Path { get; } = System.IO.Path.Combine(folder, HelperContract.InstalledName);

    /// <summary>Installs a program, unless it is installed already or a newer one is.</summary>
    /// <param name="packed">The program that comes with the library.</param>
    /// <exception cref="CtrNotSupportedException">The machine cannot execute it (HelperNotExecutable); nothing is installed.</exception>
    internal void Install(string packed)
    {
        TrustedFolder.Make(root, folder, tighten: true);
        if (IsInstalled(packed))
            return;
        using var held = Lock();
        // Another process may have installed one in the meantime.
        if (IsInstalled(packed) || IsInstalledNewer(packed))
            return;
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

    private SafeFileHandle Lock()
    {
        var giveUp = Environment.TickCount64 + (long)LockPatience.TotalMilliseconds;
        while (true)
        {
            if (LibcFiles.LockFolder(folder) is { } held)
                return held;
            if (Environment.TickCount64 > giveUp)
                throw new IOException($"Another process has been installing a program in {folder} for too long");
            Thread.Sleep(20);
        }
    }
}
