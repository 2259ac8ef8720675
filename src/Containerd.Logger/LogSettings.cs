using System.Globalization;

namespace Containerd.Logger;

/// <summary>What the logger is told.</summary>
/// <param name="MaxSize">How many bytes a file may have before the next one is begun; 0 for no limit.</param>
/// <param name="MaxFiles">How many files are kept.</param>
/// <param name="Terminal">
/// Whether the task has a terminal: then its standard output's end is the end, since nobody ever closes the other pipe.
/// </param>
/// <param name="Owner">
/// Who gets the task's pipes: the root of its user namespace, which could not open /dev/stdout otherwise; null for nobody.
/// </param>
/// <param name="Path">Where the files are: their path without what comes behind the start's number.</param>
internal sealed record LogSettings(long MaxSize, int MaxFiles, bool Terminal, (uint Uid, uint Gid)? Owner, string Path)
{
    /// <summary>
    /// Reads <c>MAX_SIZE:MAX_FILES:TERMINAL:PATH</c>, with <c>0@UID@GID</c> for TERMINAL where the pipes get an owner. One text, since
    /// containerd shuffles the parameters of a URI that has several.
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
