namespace Containerd.Client;

/// <summary>A file that is there whole, or not at all: it is written beside its place and then takes it.</summary>
internal static class NewFile
{
    internal static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        var part = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path) ?? "", $".{System.IO.Path.GetFileName(path)}.{Guid.NewGuid().ToString("N")[..8]}");
        var done = false;
        try
        {
            var file = new FileStream(part, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 });
            await using (file.ConfigureAwait(false))
                await write(file).ConfigureAwait(false);
            File.Move(part, path, overwrite: true);
            done = true;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CtrPermissionException($"The file '{path}' may not be written.", e) { ErrorId = "FileNotWritable", Subject = path };
        }
        catch (IOException e)
        {
            throw new CtrException($"The file '{path}' cannot be written: {e.Message}", e) { ErrorId = "FileNotWritable", Subject = path };
        }
        finally
        {
            if (!done)
                Remove(part);
        }
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more.
        }
    }
}
