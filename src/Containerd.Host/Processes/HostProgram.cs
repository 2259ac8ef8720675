using System.Diagnostics;

namespace Containerd.Host.Processes;

/// <summary>
/// The only code that starts programs of this machine. .NET searches for a bare name in the current directory first, and PATH may contain
/// relative entries: both would run a file in the user's current directory. Therefore a program is an absolute path, found in the rooted
/// entries of PATH, and a child process gets only these entries.
/// </summary>
internal static class HostProgram
{
    private const string PathVariable = "PATH";

    private static readonly string[] UsualFolders = OperatingSystem.IsWindows()
        ? []
        : ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The rooted entries of a search path.</summary>
    /// <param name="searchPath">The search path; null for that of this process.</param>
    internal static IEnumerable<string> Folders(string? searchPath = null) =>
        (searchPath ?? Environment.GetEnvironmentVariable(PathVariable) ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified);

    /// <summary>The search path of a daemon: the given folders, the rooted entries of this process's own, and the usual folders.</summary>
    /// <param name="first">Folders that come first.</param>
    internal static string SearchPath(IEnumerable<string> first) =>
        string.Join(
            Path.PathSeparator,
            first.Select(Path.GetFullPath).Concat(Folders()).Concat(UsualFolders).Distinct(StringComparer.Ordinal)
        );

    /// <summary>Finds a program.</summary>
    /// <param name="name">Its bare name.</param>
    /// <param name="searchPath">The search path; null for that of this process.</param>
    /// <returns>Its absolute path; null if no rooted entry has an executable file with this name.</returns>
    internal static string? Find(string name, string? searchPath = null)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny('/', '\\', '\0'))
            return null;
        // Like CreateProcess.
        if (OperatingSystem.IsWindows() && !Path.HasExtension(name))
            name += ".exe";
        return Folders(searchPath).Select(folder => Path.Combine(folder, name)).FirstOrDefault(IsExecutable);
    }

    /// <summary>Finds a program of the base system, even if PATH does not contain its folder.</summary>
    /// <param name="name">Its bare name.</param>
    /// <returns>Its absolute path; null if there is none.</returns>
    internal static string? FindSystem(string name) => Find(name, SearchPath([]));

    /// <summary>Whether a file is executable for any user.</summary>
    /// <param name="path">The file.</param>
    internal static bool IsExecutable(string path)
    {
        const UnixFileMode Any = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Any) != 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Prepares a start, with inherited streams and PATH without relative entries.</summary>
    /// <param name="path">The program's absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    internal static ProcessStartInfo Prepare(string path, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Require(path), arguments) { UseShellExecute = false };
        // Without any, the default of the child is used.
        start.Environment.Remove(PathVariable);
        if (string.Join(Path.PathSeparator, Folders()) is { Length: > 0 } folders)
            start.Environment[PathVariable] = folders;
        return start;
    }

    /// <summary>Starts a program.</summary>
    /// <param name="start">From <see cref="Prepare"/>.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be run.</exception>
    internal static Process Start(ProcessStartInfo start)
    {
        Require(start.FileName);
        return Process.Start(start)!;
    }

    private static string Require(string path) =>
        Path.IsPathFullyQualified(path) ? path : throw new ArgumentException($"'{path}' is not an absolute path.", nameof(path));
}
