using System.Globalization;

namespace Containerd.Host.Logs;

/// <summary>How the output of a task is written, as the client tells the helper program.</summary>
/// <param name="MaxSize">The maximum size of a file, in bytes; 0 for no limit.</param>
/// <param name="MaxFiles">The number of files that are kept.</param>
/// <param name="Terminal">Whether the task has a terminal.</param>
/// <param name="Owner">
/// The new owner of the task's pipes: the root of its user namespace, which could not open /dev/stdout otherwise; null for no change.
/// </param>
/// <param name="Prefix">
/// The path of the files without what follows the number of the start; or the folder of the container's output, with a slash at its end,
/// where each start gets the next number.
/// </param>
internal sealed record LogWriterOptions(long MaxSize, int MaxFiles, bool Terminal, (uint Uid, uint Gid)? Owner, string Prefix)
{
    /// <summary>Whether the options are for each start of a container; otherwise they are for one.</summary>
    internal bool EachStart => Prefix.EndsWith('/');

    /// <summary>
    /// Reads <c>MAX_SIZE:MAX_FILES:TERMINAL:PREFIX</c>, with <c>0@UID@GID</c> for TERMINAL if the pipes get an owner. It is one text,
    /// because containerd shuffles the parameters of a URI that has several.
    /// </summary>
    internal static LogWriterOptions? Read(string text) =>
        text.Split(':', 4) is [var size, var files, var streams, ['/', ..] prefix]
        && streams.Split('@') is ["0" or "1", ..] parts
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var maxSize)
        && int.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out var maxFiles)
        && TryOwner(parts, out var owner)
            ? new LogWriterOptions(maxSize, maxFiles, parts[0] == "1", owner, prefix)
            : null;

    /// <summary>Writes what <see cref="Read"/> reads.</summary>
    internal string Format()
    {
        // With a terminal there are no pipes of the task.
        var streams =
            Terminal ? "1"
            : Owner is var (uid, gid) ? string.Create(CultureInfo.InvariantCulture, $"0@{uid}@{gid}")
            : "0";
        return string.Create(CultureInfo.InvariantCulture, $"{MaxSize}:{MaxFiles}:{streams}:{Prefix}");
    }

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
