using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>Finds the reason for a failure in CRIU's log: runtimes only report that it failed.</summary>
internal static partial class CriuLog
{
    private const int Most = 3;
    private const string Dump = "dump.log";
    private const string Restore = "restore.log";

    // Messages that appear on every run on some hosts, or that only refer to an earlier error.
    private static readonly string[] Noise =
    [
        "RLIMIT_NOFILE",
        "Dumping FAILED",
        "Restoring FAILED",
        "Restore failed",
        "failed with -1",
        "exited, status=",
        "cgroupd: recv req error",
        "Can't send response",
    ];

    /// <summary>Removes the log of an earlier checkpoint, whose errors would be mistaken for those of the next one.</summary>
    internal static void Forget(string folder) => File.Delete(Path.Combine(folder, Dump));

    /// <summary>The result of a dump.</summary>
    /// <returns>Whether it succeeded; false if it did not start, and null if it is in progress or not known.</returns>
    internal static bool? StateOfDump(string folder)
    {
        bool? state = null;
        try
        {
            foreach (var line in File.ReadLines(Path.Combine(folder, Dump)))
            {
                // The requester had disconnected; before CRIU 3.18 the dump is still logged as a success, and the task continues.
                if (
                    line.Contains("Dumping FAILED", StringComparison.Ordinal)
                    || line.Contains("Post dump script passed with", StringComparison.Ordinal)
                )
                    return false;
                if (line.Contains("Dumping finished successfully", StringComparison.Ordinal))
                    state = true;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return state;
    }

    /// <summary>Why a checkpoint failed.</summary>
    /// <inheritdoc cref="Reason"/>
    internal static string? OfDump(string folder) => Reason(Path.Combine(folder, Dump));

    /// <summary>Why a restore failed.</summary>
    /// <inheritdoc cref="Reason"/>
    internal static string? OfRestore(string folder) => Reason(Path.Combine(folder, Restore));

    /// <summary>The first errors in the log, without their source positions: later errors are usually consequences.</summary>
    /// <returns>One line; null if there is no log, or no error in it.</returns>
    private static string? Reason(string path)
    {
        var errors = new List<string>();
        try
        {
            foreach (var line in File.ReadLines(path))
            {
                if (ErrorLine().Match(line) is not { Success: true } match || Noise.Any(n => line.Contains(n, StringComparison.Ordinal)))
                    continue;
                var text = match.Groups["text"].Value.Trim().TrimEnd('.');
                if (!errors.Contains(text))
                    errors.Add(text);
                if (errors.Count == Most)
                    break;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return errors.Count > 0 ? string.Join("; ", errors) : null;
    }

    [GeneratedRegex(@"^\([0-9.]+\)\s*(?:[0-9]+:\s*)?Error \([^)]*\):\s*(?<text>.+)$")]
    private static partial Regex ErrorLine();
}
