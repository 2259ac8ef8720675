using System.Text;
using System.Text.RegularExpressions;

namespace Containerd.Client.PrivateDaemons;

/// <summary>Finds the reason for the exit of a private daemon in its log.</summary>
internal static partial class DaemonLog
{
    private const int Read = 64 * 1024;
    private const int Lines = 2;

    /// <summary>The messages of the last lines at warning level or above; null if there are none.</summary>
    public static string? Reason(string path, long from)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.Seek(Math.Max(from, file.Length - Read), SeekOrigin.Begin);
            using var reader = new StreamReader(file, Encoding.UTF8);
            var said = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var reasons = said.Where(line => !Chatter().IsMatch(line)).Select(Message).TakeLast(Lines).ToArray();
            return reasons.Length > 0 ? string.Join("; ", reasons)
                : said.Length > 0 ? Message(said[^1])
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Message(string line)
    {
        var message = Value(MessageField().Match(line));
        var error = Value(ErrorField().Match(line));
        return (message, error) switch
        {
            (null, _) => line,
            (_, null) => message,
            _ => $"{message}: {error}",
        };
    }

    private static string? Value(Match match) =>
        match.Success ? match.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal) : null;

    [GeneratedRegex(@"\blevel=(debug|info|warning)\b")]
    private static partial Regex Chatter();

    [GeneratedRegex(@"\bmsg=""((?:[^""\\]|\\.)*)""")]
    private static partial Regex MessageField();

    [GeneratedRegex(@"\berror=""((?:[^""\\]|\\.)*)""")]
    private static partial Regex ErrorField();
}
