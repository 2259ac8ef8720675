namespace Containerd.Logger;

/// <summary>Writes the output of a task to the files, until its pipes end. Sleeps while there is no output.</summary>
internal sealed class LogPump(LogFiles files, int requests, bool terminal)
{
    private readonly byte[] _chunk = new byte[64 * 1024];

    internal void Run()
    {
        Span<PollFd> polled = [new(Libc.Stdout), new(Libc.Stderr), new(requests)];
        while (polled[0].IsOpen || (polled[1].IsOpen && !terminal))
        {
            Libc.Poll(polled);
            for (var stream = 0; stream < 2; stream++)
            {
                if (polled[stream].IsReady && Carry(stream) == 0)
                    polled[stream].Close();
            }

            if (polled[2].IsReady)
                Answer(ref polled[0], ref polled[1]);
        }

        files.Prune();
    }

    private int Carry(int stream)
    {
        var count = Libc.Read(stream == 0 ? Libc.Stdout : Libc.Stderr, _chunk);
        if (count > 0)
            files.Append(stream, _chunk.AsSpan(0, count));
        return count;
    }

    /// <summary>
    /// A reader that knows that the task has exited requests that all its output is in the files: after the current content of the pipes.
    /// Reading the request from its pipe is the answer.
    /// </summary>
    private void Answer(ref PollFd stdout, ref PollFd stderr)
    {
        var asked = Libc.Unread(requests);
        CarryAll(0, ref stdout);
        CarryAll(1, ref stderr);
        Libc.Read(requests, _chunk.AsSpan(0, Math.Clamp(asked, 1, _chunk.Length)));
    }

    private void CarryAll(int stream, ref PollFd pipe)
    {
        var left = pipe.IsOpen ? Libc.Unread(pipe.Descriptor) : 0;
        while (left > 0 && Carry(stream) is var count and > 0)
            left -= count;
    }
}
