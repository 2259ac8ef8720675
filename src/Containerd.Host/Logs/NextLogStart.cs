using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Native;

namespace Containerd.Host.Logs;

/// <summary>
/// The files of the next start of a container that containerd starts again by itself: the writer of its log counts the starts, because no
/// client does.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class NextLogStart
{
    /// <summary>The number of starts whose output is kept.</summary>
    internal const int Kept = 10;

    /// <summary>Creates the first file of the next start and the named pipe of its readers, and deletes the oldest starts.</summary>
    /// <param name="folder">The folder of the container's output, with a slash at its end.</param>
    /// <returns>The prefix of the files of the start.</returns>
    /// <exception cref="IOException">The files cannot be created.</exception>
    internal static string Create(string folder)
    {
        var number = Numbers(folder).DefaultIfEmpty().Max() + 1;
        Prune(folder, number);
        var prefix = folder + number.ToString(CultureInfo.InvariantCulture);
        Libc.MakeFifo(LogPaths.RequestsOf(prefix));
        using var first = Libc.OpenToAppend(LogPaths.PartOf(prefix, 1));
        // An error of an earlier start is over.
        LibcFiles.Delete(LogPaths.ErrorOf(folder));
        return prefix;
    }

    private static void Prune(string folder, int next)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            // Plain output is of starts that a client chose.
            if (NumberOf(path) is int number && number <= next - Kept && Path.GetExtension(path) is ".log" or ".sync" or ".error")
                LibcFiles.Delete(path);
        }
    }

    private static IEnumerable<int> Numbers(string folder) => Directory.EnumerateFiles(folder).Select(NumberOf).OfType<int>();

    private static int? NumberOf(string path)
    {
        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return
            dot > 0
            && Path.GetExtension(name) is ".log" or ".sync" or ".error" or ".stdout" or ".stderr" or ".stdin"
            && int.TryParse(name.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }
}
