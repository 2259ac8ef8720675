using System.Text;

namespace Containerd.Host.Mounts;

/// <summary>The mount table of a process (proc(5), mountinfo). The only code that reads this table.</summary>
internal static class MountTable
{
    private const string Own = "/proc/self/mountinfo";

    /// <summary>The number of mounts on a directory.</summary>
    internal static int Count(string path) => Points().Count(p => p == path);

    /// <summary>The mount points, in the order of mounting.</summary>
    internal static IReadOnlyList<string> Points() => OperatingSystem.IsLinux() ? [.. Read(Own).Select(e => e.Point)] : [];

    /// <summary>A mount point below a directory; null if there is none.</summary>
    /// <param name="path">The directory, without symbolic links.</param>
    internal static string? Below(string path) =>
        Points().FirstOrDefault(p => p.StartsWith(path.TrimEnd('/') + "/", StringComparison.Ordinal));

    /// <summary>Reads the table of the calling thread, which may have a mount namespace of its own.</summary>
    internal static IEnumerable<MountEntry> OfThread() => Read("/proc/thread-self/mountinfo");

    /// <summary>Reads a process's table.</summary>
    /// <param name="file">The file, such as /proc/1/mountinfo.</param>
    internal static IEnumerable<MountEntry> Read(string file)
    {
        // Only a newline ends a line here: a carriage return may be part of a name.
        foreach (var line in File.ReadAllText(file).Split('\n'))
        {
            // The mount point is the fifth field. Any number of fields follows, then a dash, the type, the source and the file system's own
            // options.
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (dash > 0 && dash + 3 < fields.Length)
                yield return new MountEntry(Unescape(fields[4]), fields[dash + 1], [.. fields[dash + 3].Split(',').Select(Unescape)]);
        }
    }

    /// <summary>Undoes the kernel's escapes: a blank, tab, newline or backslash is a backslash and three octal digits.</summary>
    /// <param name="text">A field of the table.</param>
    internal static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var raw = Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length && raw.AsSpan(i + 1, 3).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0)
            {
                bytes.Add((byte)(((raw[i + 1] - '0') << 6) | ((raw[i + 2] - '0') << 3) | (raw[i + 3] - '0')));
                i += 3;
            }
            else
            {
                bytes.Add(raw[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
