using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Streams;
using Containerd.Host.Terminals;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>How long a program has to detect a changed window size, before it gets the correct one.</summary>
    private static readonly TimeSpan RedrawPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether a process that can be attached to has a terminal.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it has one.</returns>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<bool> HasTerminalAsync(string containerId, string? execId = null, CancellationToken cancellationToken = default) =>
        (await GetLiveProcessAsync(containerId, execId, cancellationToken).ConfigureAwait(false)).Terminal;

    /// <summary>
    /// Attaches the caller's streams to a background process, whichever client started it, until it exits. Any number of clients can do so
    /// at the same time.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="options">The options.</param>
    /// <param name="io">The caller's streams; the end of its input is that of the process.</param>
    /// <param name="cancellationToken">Detaches; the process goes on.</param>
    /// <returns>The outcome of the process.</returns>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">Its output does not go to files of this machine (OutputNotKept).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> AttachAsync(
        string containerId,
        AttachOptions options,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(io);
        RequireAttachable();
        var process = await GetLiveProcessAsync(containerId, options.ExecId, cancellationToken).ConfigureAwait(false);
        using var attachment = Open(containerId, options, PlacesOf(process), options.Tail ?? 0);
        return await RunAsync(containerId, options, attachment, io, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Attaches this process's terminal to that of a background process, until it exits or the detach keys are typed.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="options">The options.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="cancellationToken">Detaches; the process goes on.</param>
    /// <returns>The outcome; no exit if the process keeps running.</returns>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">Its output does not go to files of this machine (OutputNotKept).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> AttachAsync(
        string containerId,
        AttachOptions options,
        LocalTerminal terminal,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        RequireAttachable();
        var process = await GetLiveProcessAsync(containerId, options.ExecId, cancellationToken).ConfigureAwait(false);
        using var attachment = Open(containerId, options, PlacesOf(process), lines: 0);
        return await RunAsync(
                containerId,
                options,
                attachment,
                terminal,
                TerminalReplay.Make(attachment.Stdout, options.Tail),
                redraw: true,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Starts a container's task and attaches the caller's streams to it. Its output is complete.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">The options.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="cancellationToken">Detaches; the task goes on.</param>
    /// <returns>The outcome of the task.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> StartAttachedAsync(
        string containerId,
        TaskStart start,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        var options = new AttachOptions();
        return await StartAttachedAsync(
                containerId,
                start,
                size: null,
                attachment => RunAsync(containerId, options, attachment, io, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a container's task, which has a terminal, and attaches this process's terminal to it. It has standard input.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">The options.</param>
    /// <param name="options">The attach options.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="cancellationToken">Detaches; the task goes on.</param>
    /// <returns>The outcome of the task; no exit if it keeps running.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> StartAttachedAsync(
        string containerId,
        TaskStart start,
        AttachOptions options,
        LocalTerminal terminal,
        CancellationToken cancellationToken = default
    ) =>
        await StartAttachedAsync(
                containerId,
                start,
                LocalTerminal.Size,
                attachment => RunAsync(containerId, options, attachment, terminal, default, redraw: false, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);

    /// <summary>
    /// Creates the task, opens its output files, and only then starts it. A task that starts from a checkpoint is created and started in
    /// one step: its files are new, and read from their beginning.
    /// </summary>
    private async Task<AttachOutcome> StartAttachedAsync(
        string containerId,
        TaskStart start,
        (int Width, int Height)? size,
        Func<Attachment, Task<AttachOutcome>> attach,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        RequireAttachable();
        var task = await FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (start.CheckpointPath is not null)
        {
            task = await StartAsync(containerId, start with { WithStdin = start.WithStdin || size is not null }, cancellationToken)
                .ConfigureAwait(false);
            using var running = Open(containerId, new AttachOptions(), PlacesOf(task), lines: int.MaxValue);
            return await attach(running).ConfigureAwait(false);
        }

        var made = task?.Status != CtrStatus.Created;
        // For an existing task they were selected earlier, which the start itself rejects.
        if (!made && start.ChoosesOthersThan(task!))
            await StartAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        if (made)
            task = await CreateAsync(containerId, start with { WithStdin = start.WithStdin || size is not null }, cancellationToken)
                .ConfigureAwait(false);
        Attachment? attachment = null;
        try
        {
            attachment = Open(containerId, new AttachOptions(), PlacesOf(task!), lines: 0);
            if (size is var (width, height))
                await _rpc.ResizeAsync(containerId, "", width, height, cancellationToken).ConfigureAwait(false);
            // Not only by its id: if its process has died in the meantime, that would create another task, with other streams.
            if (made)
                await StartCreatedAsync(
                        await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false),
                        task!,
                        new TaskStart(),
                        isOurs: true
                    )
                    .ConfigureAwait(false);
            else
                await StartAsync(containerId, new TaskStart(), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            attachment?.Dispose();
            if (made)
                await DiscardAsync(containerId, cancellationToken).ConfigureAwait(false);
            throw;
        }

        using (attachment)
            return await attach(attachment).ConfigureAwait(false);
    }

    private Task<AttachOutcome> RunAsync(
        string containerId,
        AttachOptions options,
        Attachment attachment,
        ProcessIo io,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            containerId,
            options,
            attachment,
            (streams, ct) => StreamPumps.RunAsync(streams.Stdin is null ? io.WithoutStdin() : io, streams, ct),
            io.Stdin is not null,
            cancellationToken
        );

    /// <summary>Attaches a terminal to an opened process.</summary>
    internal Task<AttachOutcome> RunAsync(
        string containerId,
        AttachOptions options,
        Attachment attachment,
        LocalTerminal terminal,
        ReadOnlyMemory<byte> preamble,
        bool redraw,
        CancellationToken cancellationToken
    )
    {
        var execId = options.ExecId ?? "";
        var told = !redraw;
        var relay = new TerminalRelay(terminal, options.DetachKeys, ResizeAsync) { Preamble = preamble, Typed = attachment.Typed };
        return RunAsync(containerId, options, attachment, relay.RunAsync, withStdin: true, cancellationToken);

        async Task ResizeAsync(int width, int height, CancellationToken ct)
        {
            if (!told)
            {
                // A full-screen program redraws only when its window changes.
                await _rpc.ResizeAsync(containerId, execId, width, Math.Max(height - 1, 1), ct).ConfigureAwait(false);
                await Task.Delay(RedrawPause, ct).ConfigureAwait(false);
                told = true;
            }

            await _rpc.ResizeAsync(containerId, execId, width, height, ct).ConfigureAwait(false);
        }
    }

    private Task<AttachOutcome> RunAsync(
        string containerId,
        AttachOptions options,
        Attachment attachment,
        StdioCallback use,
        bool withStdin,
        CancellationToken cancellationToken
    )
    {
        var execId = options.ExecId ?? "";
        return attachment.RunAsync(
            use,
            withStdin,
            ct => _rpc.WaitAsync(containerId, execId, ct),
            ct => _rpc.CloseInputAsync(containerId, execId, ct),
            cancellationToken
        );
    }

    private void RequireAttachable() =>
        _ns.Connection.RequireHost("A task can be attached to", ("StartAndWait", "start it without a log, and wait for it."));

    private Attachment Open(string containerId, AttachOptions options, StreamPlaces places, int lines) =>
        Attachment.Open(_logs, Subject(containerId, options.ExecId), places, lines);

    private static StreamPlaces PlacesOf(Wire.Types.Process process) =>
        new(process.Stdin, process.Stdout, process.Stderr, process.Terminal);

    private static StreamPlaces PlacesOf(CtrTask task) => new(task.Stdin, task.Stdout, task.Stderr, task.Terminal);
}
