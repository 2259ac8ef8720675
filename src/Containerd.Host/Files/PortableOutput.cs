namespace Containerd.Host.Files;

/// <summary>
/// <see cref="OutputFile"/> on systems other than Linux. An existing file is written in place, which keeps its metadata, after all bytes
/// have been collected in a file beside it.
/// </summary>
internal static class PortableOutput
{
    internal static async Task WriteAsync(string path, bool noClobber, Func<Stream, Task> write)
    {
        if (path.StartsWith(@"\\.\", StringComparison.Ordinal) || path.StartsWith("//./", StringComparison.Ordinal))
        {
            // A named pipe or a device of Windows.
            var device = new FileStream(path, FileMode.Open, FileAccess.Write);
            await using (device.ConfigureAwait(false))
                await write(device).ConfigureAwait(false);
            return;
        }

        if (noClobber && (Path.Exists(path) || File.ResolveLinkTarget(path, returnFinalTarget: false) is not null))
            throw OutputFile.Exists(path);
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var part = Path.Combine(Path.GetDirectoryName(target) ?? "", OutputFile.NewTemporaryName());
        try
        {
            var file = new FileStream(
                part,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Options = FileOptions.Asynchronous,
                    BufferSize = 0,
                }
            );
            await using (file.ConfigureAwait(false))
                await write(file).ConfigureAwait(false);
            if (!File.Exists(target))
            {
                File.Move(part, target, overwrite: !noClobber);
                return;
            }

            var whole = new FileStream(part, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
            await using (whole.ConfigureAwait(false))
            {
                var existing = new FileStream(target, FileMode.Open, FileAccess.Write);
                await using (existing.ConfigureAwait(false))
                {
                    await whole.CopyToAsync(existing).ConfigureAwait(false);
                    existing.SetLength(whole.Length);
                }
            }
        }
        finally
        {
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
            // The original error is more informative.
        }
    }
}
