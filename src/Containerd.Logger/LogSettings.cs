using System.Globalization;

namespace Containerd.Logger;

/// <summary>The settings of the logger.</summary>
/// <param name="MaxSize">The maximum size of a file, in bytes; 0 for no limit.</param>
/// <param name="MaxFiles">The number of files that are kept.</param>
/// <param name="Terminal"> Whether the task has a terminal: then the end of standard output is the end, because the other pipe is never closed.
/// </param>
/// <param name="Owner"> The owner of the task's pipes: the root of its user namespace, which could not open /dev/stdout otherwise; null for none.
/// </param>
/// <param name="Path">The prefix of the files: their path up to the number of the start.</param>
internal sealed record LogSettings(long MaxSize, int MaxFiles, bool Terminal, (uint Uid, uint Gid)? Owner, string Path)
{
    /// <summary>
    /// Reads <c>MAX_SIZE:MAX_FILES:TERMINAL:PATH</c>, with <c>0@UID@GID</c> for TERMINAL if the pipes get an owner. It is one text, because
    /// containerd shuffles several parameters of a URI.
    /// </summary>
    internal static LogSettings? Read(string text) =>
        text.Split(':', 4) is [var size, var files, var streams, ['/', ..] path]
        && streams.Split('@') is ["0" or "1", ..] parts
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var maxSize)
        && int.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out var maxFiles)
        && TryOwner(parts, out var owner)
            ? new LogSettings(maxSize, maxFiles, parts[0] == "1", owner, path)
            : null;

    private static bool TryOwner(string[] parts, out (uint Uid, uint Gid)? owner)
    {
        owner =
            parts is [_, var user, var group]
            && uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
            && uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var gid)
                ? (uid, gid)
                : null;
        return owner is not null || parts.Length == 1;
    }
}
