using System.Globalization;

namespace Containerd.Host.Logs;

/// <summary>
/// The files of one start whose output is written with timestamps. Their names begin with the same prefix, the path that ends with the
/// number of the start.
/// </summary>
internal static class LogPaths
{
    /// <summary>The extension of the files that contain the output.</summary>
    internal const string Extension = ".log";

    /// <summary>A file of the output; they are numbered from 1.</summary>
    internal static string PartOf(string prefix, long number) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}.{number}{Extension}");

    /// <summary>The named pipe of the readers' requests.</summary>
    internal static string RequestsOf(string prefix) => prefix + ".sync";

    /// <summary>The file that says why the writer stopped, where it could.</summary>
    internal static string ErrorOf(string prefix) => prefix + ".error";
}
