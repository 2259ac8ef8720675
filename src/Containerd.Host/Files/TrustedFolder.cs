using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>
/// Folders whose contents are trusted: records of what to remove and what to run, named pipes, logs, programs. Each must belong to this
/// user or to root, and no other user may write to it. Modes are set explicitly, because the user's umask may be 0.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class TrustedFolder
{
    internal const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    internal const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others =
        OthersWrite | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Creates a folder and missing parent folders, accessible only to this user, and checks those that exist.</summary>
    /// <param name="root">The parent folder that is not checked, such as /run.</param>
    /// <param name="path">The folder, below the root.</param>
    /// <param name="tighten">Whether the mode of this user's folders that others can write to is corrected, instead of an error.</param>
    /// <exception cref="CtrPermissionException">UntrustedFolder.</exception>
    internal static void Make(string root, string path, bool tighten = false)
    {
        MakeMissing(root);
        foreach (var folder in Below(root, path))
        {
            if (!LibcMounts.TryStat(folder, followLinks: false, out _))
                Directory.CreateDirectory(folder, FolderMode);
            if (
                tighten
                && LibcMounts.TryStat(folder, followLinks: false, out var stat)
                && stat.Kind == FileKind.Directory
                && stat.Uid == LibcFiles.User
                && CanOthersWrite(stat)
            )
                File.SetUnixFileMode(folder, ModeOf(stat) & ~OthersWrite);
        }

        Check(root, path);
    }

    /// <summary>Checks the folders below a root that exist.</summary>
    /// <param name="root">The parent folder that is not checked.</param>
    /// <param name="path">The folder, below the root.</param>
    /// <returns>Whether it exists.</returns>
    /// <exception cref="CtrPermissionException">UntrustedFolder.</exception>
    internal static bool Check(string root, string path)
    {
        // No other user can access folders below one that is closed to others, whatever their modes are.
        var closed = LibcMounts.TryStat(root, followLinks: true, out var above) && IsClosed(above);
        foreach (var folder in Below(root, path))
        {
            if (!LibcMounts.TryStat(folder, followLinks: false, out var stat))
                return false;
            if (Why(stat, FileKind.Directory, closed) is { } why)
                throw Untrusted(folder, why);
            closed = closed || IsClosed(stat);
        }

        return true;
    }

    /// <summary>Whether a file and its folder belong to this user or root and cannot be written by others.</summary>
    /// <param name="path">The file, which must not be a symbolic link.</param>
    internal static bool IsTrustedFile(string path) =>
        LibcMounts.TryStat(path, followLinks: false, out var file)
        && LibcMounts.TryStat(Path.GetDirectoryName(path)!, followLinks: true, out var folder)
        && Why(folder, FileKind.Directory, closed: false) is null
        && Why(file, FileKind.File, IsClosed(folder)) is null;

    /// <summary>
    /// The path of a program without symbolic links, if no other user can change the program or the meaning of that path. Only this path
    /// may be executed: a link in the given one can be changed after it was followed.
    /// </summary>
    /// <param name="path">The program; symbolic links are followed.</param>
    /// <returns>The path; null if another user could have put the program there, or if it does not exist.</returns>
    internal static string? TrustedProgram(string path)
    {
        string program;
        try
        {
            program = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It does not exist, or only links that point to each other do.
            return null;
        }

        return
            RealPath(Path.GetDirectoryName(program)!, followLinks: true) is { } folder
            && Path.Combine(folder, Path.GetFileName(program)) is var real
            && IsTrustedFile(real)
            && AreParentsTrusted(real)
            ? real
            : null;
    }

    private static bool AreParentsTrusted(string path)
    {
        for (var above = Path.GetDirectoryName(path); above is not null; above = Path.GetDirectoryName(above))
        {
            // In a sticky folder such as /tmp, users cannot rename items of other users.
            if (
                !LibcMounts.TryStat(above, followLinks: false, out var stat)
                || Why(stat, FileKind.Directory, closed: (ModeOf(stat) & UnixFileMode.StickyBit) != 0) is not null
            )
                return false;
        }

        return true;
    }

    /// <summary>Whether a file is trusted, and no other user can read it.</summary>
    /// <param name="path">The file, which must not be a symbolic link.</param>
    internal static bool IsPrivateFile(string path) =>
        IsTrustedFile(path) && LibcMounts.TryStat(path, followLinks: false, out var file) && IsClosed(file);

    /// <summary>
    /// Whether no other user can change a folder, its contents, or the resolution of its path: the folder, its contents, and every parent
    /// folder belong to this user or to root.
    /// </summary>
    /// <param name="path">The folder.</param>
    internal static bool IsOutOfReach(string path)
    {
        if (
            RealPath(path, followLinks: true) is not { } folder
            || !LibcMounts.TryStat(folder, followLinks: false, out var own)
            || Why(own, FileKind.Directory, closed: false) is not null
        )
            return false;
        if (!AreParentsTrusted(folder))
            return false;
        var closed = IsClosed(own);
        return Directory
            .EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)
            .All(entry =>
                LibcMounts.TryStat(entry, followLinks: false, out var stat)
                && stat.Kind is FileKind.File or FileKind.Directory
                && Why(stat, stat.Kind, closed) is null
            );
    }

    /// <summary>The path of a directory without symbolic links, as in the mount table.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="followLinks">Whether it may be a symbolic link itself.</param>
    /// <returns>The path; null if it is not a directory.</returns>
    internal static string? RealPath(string path, bool followLinks)
    {
        using var directory = LibcMounts.Open(
            path,
            LibcMounts.O_PATH | LibcMounts.O_DIRECTORY | (followLinks ? 0 : LibcMounts.O_NOFOLLOW),
            out _
        );
        return directory is null
            ? null
            : new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.DangerousGetHandle()}")).LinkTarget;
    }

    /// <summary>Whether a folder belongs to this user or root and cannot be written by others.</summary>
    /// <param name="path">The folder.</param>
    internal static bool IsTrusted(string path) =>
        LibcMounts.TryStat(path, followLinks: true, out var stat) && Why(stat, FileKind.Directory, closed: false) is null;

    /// <summary>Atomically writes a file that only its owner can read and write.</summary>
    /// <param name="path">The file, in a trusted folder.</param>
    /// <param name="data">Its content.</param>
    /// <param name="mode">Its mode, if it differs.</param>
    /// <param name="part">The name until it is complete, in a trusted folder of the same file system; null for one beside it.</param>
    internal static void Write(string path, ReadOnlySpan<byte> data, UnixFileMode mode = FileMode, string? part = null)
    {
        part = $"{part ?? path}.{Guid.NewGuid():N}";
        using (
            var file = new FileStream(
                part,
                new FileStreamOptions
                {
                    Mode = System.IO.FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = FileMode,
                }
            )
        )
            file.Write(data);
        // Whatever the umask.
        File.SetUnixFileMode(part, mode);
        File.Move(part, path, overwrite: true);
    }

    /// <summary>Writes a file that only its owner can read and write, unless it already exists.</summary>
    /// <param name="path">The file, in a trusted folder.</param>
    /// <param name="data">Its content.</param>
    internal static void TryWriteNew(string path, ReadOnlySpan<byte> data)
    {
        var part = $"{path}.{Guid.NewGuid():N}";
        using (
            var file = new FileStream(
                part,
                new FileStreamOptions
                {
                    Mode = System.IO.FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = FileMode,
                }
            )
        )
            file.Write(data);
        try
        {
            File.Move(part, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster; its file is used.
            File.Delete(part);
        }
    }

    /// <summary>Creates a folder and missing parent folders, accessible only to this user; existing folders are not changed.</summary>
    /// <param name="path">The folder.</param>
    internal static void MakeMissing(string path)
    {
        if (Directory.Exists(path))
            return;
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            MakeMissing(parent);
        Directory.CreateDirectory(path, FolderMode);
    }

    private static IEnumerable<string> Below(string root, string path)
    {
        var folder = root;
        foreach (var name in Path.GetRelativePath(root, path).Split('/'))
            yield return folder = Path.Combine(folder, name);
    }

    private static string? Why(FileStat stat, FileKind kind, bool closed) =>
        stat.Kind != kind ? "it is not a directory"
        : stat.Uid != LibcFiles.User && stat.Uid != 0
            ? string.Create(CultureInfo.InvariantCulture, $"it belongs to the user with the id {stat.Uid}")
        : !closed && CanOthersWrite(stat) ? $"other users can write to it (mode 0{Convert.ToString((int)stat.Permissions, 8)})"
        : null;

    private static bool CanOthersWrite(FileStat stat) => (ModeOf(stat) & OthersWrite) != 0;

    private static bool IsClosed(FileStat stat) => (stat.Uid == LibcFiles.User || stat.Uid == 0) && (ModeOf(stat) & Others) == 0;

    private static UnixFileMode ModeOf(FileStat stat) => (UnixFileMode)stat.Permissions;

    private static CtrPermissionException Untrusted(string folder, string why) =>
        new($"The folder '{folder}' is not used, because another user could have put files into it: {why}.")
        {
            ErrorId = ErrorIds.UntrustedFolder,
            Subject = folder,
            Remedy =
                "Find out who created it, and remove it. Set the environment variable XDG_RUNTIME_DIR to a folder that only you "
                + "can use, as a login session does.",
        };
}
