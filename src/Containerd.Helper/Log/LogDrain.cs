using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Helper.Log;

/// <summary>
/// Discards the output of a task whose log cannot be created. Without a reader, the task would end at its first output. The log is created
/// as soon as that is possible.
/// </summary>
internal sealed class LogDrain(SafeFileHandle stdout, SafeFileHandle stderr, bool terminal)
{
    /// <summary>The time between two attempts, in milliseconds.</summary>
    private const long Pause = 5000;

    private readonly byte[] _chunk = new byte[64 * 1024];

    /// <summary>The number of bytes that were discarded.</summary>
    internal long Lost { get; private set; }

    /// <summary>Discards output until the log is created.</summary>
    /// <param name="create">Creates the log; returns null if it cannot.</param>
    /// <returns>The prefix of the files of the log; null if the task ended before.</returns>
    internal string? Run(Func<string?> create)
    {
        Span<PollEntry> polled = [new(stdout), new(stderr)];
        var next = Environment.TickCount64 + Pause;
        while (polled[0].IsOpen || (polled[1].IsOpen && !terminal))
        {
            LibcPoll.WaitForAny(polled);
            if (Environment.TickCount64 >= next)
            {
                // The output that is waiting now belongs to the log.
                if (create() is { } prefix)
                    return prefix;
                next = Environment.TickCount64 + Pause;
            }

            for (var stream = 0; stream < 2; stream++)
            {
                if (!polled[stream].IsReady)
                    continue;
                var count = LibcPoll.Read(stream == 0 ? stdout : stderr, _chunk);
                if (count <= 0)
                    polled[stream].Close();
                else
                    Lost += count;
            }
        }

        return null;
    }
}
