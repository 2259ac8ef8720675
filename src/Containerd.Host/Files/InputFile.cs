namespace Containerd.Host;

/// <summary>Opens a file that a user specified, to read it once from the beginning.</summary>
public static class InputFile
{
    /// <summary>Opens it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="directoryRemedy">The advice if it is a directory; null for none.</param>
    /// <returns>The open file.</returns>
    /// <exception cref="CtrNotFoundException">FileNotFound.</exception>
    /// <exception cref="CtrArgumentException">NotAFile: it is a directory.</exception>
    /// <exception cref="CtrPermissionException">Access is denied.</exception>
    /// <exception cref="CtrFileException">FileNotReadable.</exception>
    public static FileStream Open(string path, string? directoryRemedy = null)
    {
        try
        {
            return new FileStream(
                path,
                new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 0 }
            );
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CtrNotFoundException($"There is no file '{path}'.", e) { ErrorId = ErrorIds.FileNotFound, Subject = path };
        }
        catch (UnauthorizedAccessException e)
        {
            throw Directory.Exists(path)
                ? new CtrArgumentException($"'{path}' is a directory, not a file.", e)
                {
                    ErrorId = ErrorIds.NotAFile,
                    Subject = path,
                    Remedy = directoryRemedy,
                }
                : new CtrPermissionException($"The file '{path}' cannot be read: permission denied.", e) { Subject = path };
        }
        catch (IOException e)
        {
            throw NotReadable(path, e);
        }
    }

    /// <summary>The error for a failure of the system to read a file.</summary>
    internal static CtrFileException NotReadable(string path, IOException cause) =>
        new($"The file '{path}' cannot be read: {cause.Message}", cause) { ErrorId = ErrorIds.FileNotReadable, Subject = path };
}
