using System.Globalization;
using System.Text;

namespace Containerd.Client;

/// <summary>The mounts that this process sees (proc(5), mountinfo).</summary>
internal static class MountTable
{
    /// <summary>How many mounts lie on a directory.</summary>
    internal static int Count(string path) => Points().Count(p => p == path);

    /// <summary>The directories that something is mounted on, in the order of mounting.</summary>
    internal static IReadOnlyList<string> Points()
    {
        if (!OperatingSystem.IsLinux())
            return [];
        return [.. File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' ')).Where(fields => fields.Length > 4).Select(fields => Unescape(fields[4]))];
    }

    /// <summary>Spaces, tabs, line ends and backslashes are octal numbers behind a backslash.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>();
        var raw = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '\\' && i + 3 < raw.Length)
            {
                bytes.Add(Convert.ToByte(Encoding.ASCII.GetString(raw, i + 1, 3).ToString(CultureInfo.InvariantCulture), 8));
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
