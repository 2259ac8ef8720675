using System.Globalization;

namespace Containerd.Logger;

/// <summary>What the logger is told.</summary>
/// <param name="MaxSize">How many bytes a file may have before the next one is begun; 0 for no limit.</param>
/// <param name="MaxFiles">How many files are kept.</param>
/// <param name="Terminal">Whether the task has a terminal: then its standard output's end is the end, since nobody ever closes the other pipe.</param>
/// <param name="Path">Where the files are: their path without what comes behind the start's number.</param>
internal sealed record LogSettings(long MaxSize, int MaxFiles, bool Terminal, string Path)
{
    /// <summary>Reads <c>MAX_SIZE:MAX_FILES:TERMINAL:PATH</c>. One text, since containerd shuffles the parameters of a URI that has several.</summary>
    internal static LogSettings? Read(string text) =>
        text.Split(':', 4) is [var size, var files, "0" or "1", ['/', ..] path] parts
        && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var maxSize)
        && int.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out var maxFiles)
            ? new LogSettings(maxSize, maxFiles, parts[2] == "1", path) : null;
}
