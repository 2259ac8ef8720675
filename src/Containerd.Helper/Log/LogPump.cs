using Containerd.Host.Logs;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Helper.Log;

/// <summary>Copies the output of a task into the files, until the pipes are at their end. Sleeps while there is no output.</summary>
/// <param name="writer">Writes the files.</param>
/// <param name="stdout">The pipe of standard output.</param>
/// <param name="stderr">The pipe of standard error.</param>
/// <param name="requests">The named pipe of the readers' requests.</param>
/// <param name="terminal">
/// Whether the task has a terminal: then the end of standard output is the end, because no one closes the other pipe.
/// </param>
internal sealed class LogPump(LogWriter writer, SafeFileHandle stdout, SafeFileHandle stderr, SafeFileHandle requests, bool terminal)
{
    private readonly byte[] _chunk = new byte[64 * 1024];

    internal void Run()
    {
        Span<PollEntry> polled = [new(stdout), new(stderr), new(requests)];
        while (polled[0].IsOpen || (polled[1].IsOpen && !terminal))
        {
            LibcPoll.WaitForAny(polled);
            for (var stream = 0; stream < 2; stream++)
            {
                if (polled[stream].IsReady && Copy(stream) <= 0)
                    polled[stream].Close();
            }

            if (polled[2].IsReady)
                Answer(polled[0].IsOpen, polled[1].IsOpen);
        }

        writer.Prune();
    }

    private SafeFileHandle PipeOf(int stream) => stream == 0 ? stdout : stderr;

    private int Copy(int stream)
    {
        var count = LibcPoll.Read(PipeOf(stream), _chunk);
        if (count > 0)
            writer.Append(stream, _chunk.AsSpan(0, count));
        return count;
    }

    /// <summary>
    /// A reader that knows that the task has ended asks when all output is in the files: after what is in the pipes now. The answer is that
    /// the request has been read from its pipe.
    /// </summary>
    private void Answer(bool hasStdout, bool hasStderr)
    {
        var asked = LibcWatch.Unread(requests);
        if (hasStdout)
            CopyAll(0);
        if (hasStderr)
            CopyAll(1);
        _ = LibcPoll.Read(requests, _chunk.AsSpan(0, Math.Clamp(asked, 1, _chunk.Length)));
    }

    private void CopyAll(int stream)
    {
        var remaining = LibcWatch.Unread(PipeOf(stream));
        while (remaining > 0 && Copy(stream) is var count and > 0)
            remaining -= count;
    }
}
