using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>
/// Writes a file at a path that a user specified. Symbolic links are followed once, when the write starts. A new file, and a regular file
/// without other hard links, is written atomically; a replaced file keeps its owner, mode, access list and extended attributes. Everything
/// else at the path (a device, a named pipe, a file with further hard links) stays what it is and is written in destination.
/// </summary>
internal static class OutputFile
{
    private const string TemporaryPrefix = ".ctr-export-";

    /// <summary>A new name for a file that is written beside the destination and then renamed.</summary>
    internal static string NewTemporaryName() => $"{TemporaryPrefix}{Guid.NewGuid():N}";

    /// <summary>Whether a name is that of a file that is being written, or that a process left when it was killed.</summary>
    internal static bool IsTemporaryName(string name) => name.StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    /// <summary>Writes the file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="noClobber">Whether an existing item at the path is an error.</param>
    /// <param name="write">Writes the bytes; it may dispose the stream.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrConflictException">FileExists.</exception>
    /// <exception cref="CtrPermissionException">FileNotWritable.</exception>
    /// <exception cref="CtrFileException">FileNotWritable.</exception>
    internal static async Task WriteAsync(string path, bool noClobber, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            var full = Path.IsPathRooted(path) ? path : Path.Combine(Environment.CurrentDirectory, path);
            if (OperatingSystem.IsLinux())
            {
                using var destination = OutputDestination.Find(full, noClobber);
                await destination.WriteAsync(write, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await PortableOutput.WriteAsync(full, noClobber, write).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(path, e);
        }
    }

    /// <summary>The error for a file that cannot be opened or written.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cause">An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</param>
    internal static CtrException Failed(string path, Exception cause) =>
        cause is UnauthorizedAccessException
            ? new CtrPermissionException($"The file '{path}' cannot be written: permission denied.", cause)
            {
                ErrorId = ErrorIds.FileNotWritable,
                Subject = path,
            }
            : new CtrFileException($"The file '{path}' cannot be written: {cause.Message.TrimEnd('.')}.", cause)
            {
                ErrorId = ErrorIds.FileNotWritable,
                Subject = path,
                RemedyId = IsFolderMissing(cause) ? "CreateFolder" : null,
                Remedy = IsFolderMissing(cause) ? "Create its folder first, or use another path." : null,
            };

    private static bool IsFolderMissing(Exception cause) => cause is DirectoryNotFoundException || cause.HResult == LibcMounts.ENOENT;

    /// <summary>
    /// Creates an empty file for another program to write, which only its owner can open, unless the path exists. A dangling link is
    /// followed.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <returns>The path of the new file, with links resolved; null if the path exists.</returns>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">Access is denied.</exception>
    internal static string? TryCreate(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            using var destination = OutputDestination.Find(path, noClobber: false);
            return destination.Create();
        }

        if (Path.Exists(path))
            return null;
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        new FileStream(target, FileMode.CreateNew, FileAccess.Write).Dispose();
        return target;
    }

    /// <summary>The error for an existing path.</summary>
    internal static CtrConflictException Exists(string path) =>
        new($"'{path}' already exists.")
        {
            ErrorId = ErrorIds.FileExists,
            Subject = path,
            RemedyId = "Overwrite",
            Remedy = "Choose another path, or allow the file to be overwritten.",
        };
}
