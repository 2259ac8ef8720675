using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Streams;
using Containerd.Host.Terminals;

namespace Containerd.Client.Workloads.Streams;

/// <summary>Connects the caller's streams or terminal to processes that run by themselves.</summary>
internal sealed class ProcessAttacher(RecordScope ns, TaskLogs logs)
{
    /// <summary>How long a program has to notice that its window has another size, before it gets the right one.</summary>
    private static readonly TimeSpan RedrawPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Connects the caller's streams to a process that runs, until it ends.</summary>
    internal async Task<AttachOutcome> AttachAsync(
        ContainerProcess process,
        AttachOptions options,
        ProcessIo io,
        CancellationToken cancellationToken
    )
    {
        RequireHost();
        var state = await process.GetLiveAsync(cancellationToken).ConfigureAwait(false);
        using var attachment = Open(process, StreamPaths.Of(state), options.Tail ?? 0);
        return await RunAsync(attachment, io, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects this process's terminal to a process that runs, until it ends or the detach keys are typed.</summary>
    internal async Task<AttachOutcome> AttachAsync(
        ContainerProcess process,
        AttachOptions options,
        LocalTerminal terminal,
        CancellationToken cancellationToken
    )
    {
        RequireHost();
        var state = await process.GetLiveAsync(cancellationToken).ConfigureAwait(false);
        using var attachment = Open(process, StreamPaths.Of(state), lines: 0);
        var shown = TerminalReplay.Make(attachment.Stdout, options.Tail);
        return await RunAsync(attachment, terminal, options.DetachKeys, Redrawing(process), shown, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the files of a process. Its output from here on is complete.</summary>
    internal Attachment Open(ContainerProcess process, StreamPaths paths, int lines) => Attachment.Open(logs, process, paths, lines);

    /// <summary>Connects the caller's streams to an opened process.</summary>
    internal static Task<AttachOutcome> RunAsync(Attachment attachment, ProcessIo io, CancellationToken cancellationToken) =>
        attachment.RunAsync(
            (streams, ct) => StreamPumps.RunAsync(streams.Stdin is null ? io.WithoutStdin() : io, streams, ct),
            io.Stdin is not null,
            cancellationToken
        );

    /// <summary>Connects a terminal to an opened process that has shown nothing yet.</summary>
    internal static Task<AttachOutcome> RunAsync(
        Attachment attachment,
        LocalTerminal terminal,
        DetachKeys? keys,
        CancellationToken cancellationToken
    ) => RunAsync(attachment, terminal, keys, attachment.Process.ResizeAsync, preamble: default, cancellationToken);

    internal void RequireHost() =>
        ns.Connection.RequireHost("A task can be attached to", ("StartAndWait", "start it without a log, and wait for it."));

    private static Task<AttachOutcome> RunAsync(
        Attachment attachment,
        LocalTerminal terminal,
        DetachKeys? keys,
        Func<int, int, CancellationToken, Task> resize,
        ReadOnlyMemory<byte> preamble,
        CancellationToken cancellationToken
    )
    {
        var relay = new TerminalRelay(terminal, keys, resize) { Preamble = preamble, Typed = attachment.Typed };
        return attachment.RunAsync(relay.RunAsync, withStdin: true, cancellationToken);
    }

    /// <summary>Sets the size of a terminal so that its program redraws itself.</summary>
    private static Func<int, int, CancellationToken, Task> Redrawing(ContainerProcess process)
    {
        var isDrawn = false;
        return async (width, height, cancellationToken) =>
        {
            if (!isDrawn)
            {
                // A full-screen program redraws itself when its window changes, and only then.
                await process.ResizeAsync(width, Math.Max(height - 1, 1), cancellationToken).ConfigureAwait(false);
                await Task.Delay(RedrawPause, cancellationToken).ConfigureAwait(false);
                isDrawn = true;
            }

            await process.ResizeAsync(width, height, cancellationToken).ConfigureAwait(false);
        };
    }
}
