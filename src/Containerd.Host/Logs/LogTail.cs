namespace Containerd.Host.Logs;

/// <summary>Finds the last lines of a file without reading it from its beginning.</summary>
internal static class LogTail
{
    private const int BlockSize = 64 * 1024;

    /// <summary>The start of the last lines before a position.</summary>
    /// <param name="file">The file.</param>
    /// <param name="end">The position.</param>
    /// <param name="lines">The number of complete lines; an incomplete line is added.</param>
    internal static long Find(FollowedFile file, long end, int lines)
    {
        var block = new byte[BlockSize];
        var start = end;
        var wanted = (long)lines + 1;
        while (start > 0)
        {
            var length = (int)Math.Min(start, BlockSize);
            start -= length;
            var read = file.ReadBefore(block.AsSpan(0, length), start);
            for (var at = read - 1; at >= 0; at--)
            {
                if (block[at] == '\n' && --wanted == 0)
                    return start + at + 1;
            }
        }

        return 0;
    }

    /// <summary>The number of complete lines before a position.</summary>
    internal static long Count(FollowedFile file, long end)
    {
        var block = new byte[BlockSize];
        long count = 0;
        for (long at = 0; at < end; at += BlockSize)
            count += block.AsSpan(0, file.ReadBefore(block.AsSpan(0, (int)Math.Min(BlockSize, end - at)), at)).Count((byte)'\n');
        return count;
    }
}
