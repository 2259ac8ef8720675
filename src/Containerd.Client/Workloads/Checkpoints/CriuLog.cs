using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>Finds in CRIU's log why it failed: runtimes pass on no more than that it did.</summary>
internal static partial class CriuLog
{
    private const int Most = 3;
    private const string Dump = "dump.log";
    private const string Restore = "restore.log";

    // Said on every run on some hosts, or only that there was an error before.
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

    /// <summary>Takes away the log of an earlier checkpoint, whose reasons would be taken for those of the next.</summary>
    internal static void Forget(string folder) => File.Delete(Path.Combine(folder, Dump));

    /// <summary>How a dump ended.</summary>
    /// <returns>Whether it succeeded; false too where it never began, and null where it is under way or cannot be told.</returns>
    internal static bool? StateOfDump(string folder)
    {
        bool? state = null;
        try
        {
            foreach (var line in File.ReadLines(Path.Combine(folder, Dump)))
            {
                // Whoever asked was gone; before 3.18 the dump counts as a success all the same, and the task goes on.
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

    /// <summary>The log's first errors, without their places in CRIU's source: those that follow are mostly what came of them.</summary>
    /// <returns>One line; null when there is no log, or no error in it.</returns>
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
