using Containerd.Client.Records;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// Starts tasks that run by themselves, and connects the caller to them before they write anything. The task is created, the files that it
/// will write to are opened, and only then it is started. A task that starts from a checkpoint is created and started at once: its files
/// are new, and read from their beginning.
/// </summary>
internal sealed class AttachedStart(RecordScope ns, TaskService tasks, TaskLauncher launcher, TaskRemoval removal, ProcessAttacher attacher)
{
    /// <summary>Starts a container's task and connects the caller's streams to it.</summary>
    internal Task<AttachOutcome> StartAsync(
        string containerId,
        TaskStartOptions start,
        ProcessIo io,
        CancellationToken cancellationToken
    ) =>
        StartAsync(
            containerId,
            start,
            size: null,
            attachment => ProcessAttacher.RunAsync(attachment, io, cancellationToken),
            cancellationToken
        );

    /// <summary>
    /// Starts a container's task, which has a terminal, and connects this process's terminal to it. It has standard input.
    /// </summary>
    internal Task<AttachOutcome> StartAsync(
        string containerId,
        TaskStartOptions start,
        AttachOptions options,
        LocalTerminal terminal,
        CancellationToken cancellationToken
    ) =>
        StartAsync(
            containerId,
            start,
            LocalTerminal.Box,
            attachment => ProcessAttacher.RunAsync(attachment, terminal, options.DetachKeys, cancellationToken),
            cancellationToken
        );

    private async Task<AttachOutcome> StartAsync(
        string containerId,
        TaskStartOptions start,
        CtrSpecBox? size,
        Func<Attachment, Task<AttachOutcome>> attach,
        CancellationToken cancellationToken
    )
    {
        attacher.RequireHost();
        var init = ns.Init(containerId);
        var task = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (start.CheckpointPath is not null)
        {
            task = await tasks.StartAsync(containerId, WithInput(start, size), cancellationToken).ConfigureAwait(false);
            using var running = attacher.Open(init, StreamPaths.Of(task), lines: int.MaxValue);
            return await attach(running).ConfigureAwait(false);
        }

        var isOurs = task?.Status != CtrStatus.Created;
        // Streams that differ from those of a created task: the start itself refuses them.
        if (!isOurs && start.ChoosesOthersThan(task!))
            await tasks.StartAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        if (isOurs)
            task = await tasks.CreateAsync(containerId, WithInput(start, size), cancellationToken).ConfigureAwait(false);
        using var attachment = await OpenAsync(init, task!, size, isOurs, cancellationToken).ConfigureAwait(false);
        return await attach(attachment).ConfigureAwait(false);
    }

    /// <summary>Opens the files of a created task and starts it. A failure leaves no task that was created for it.</summary>
    private async Task<Attachment> OpenAsync(
        InitProcess init,
        CtrTask created,
        CtrSpecBox? size,
        bool isOurs,
        CancellationToken cancellationToken
    )
    {
        Attachment? attachment = null;
        try
        {
            attachment = attacher.Open(init, StreamPaths.Of(created), lines: 0);
            if (size is not null)
                await init.ResizeAsync(size, cancellationToken).ConfigureAwait(false);
            // Not by its id alone: if its process has died meanwhile, that would create another task, with other streams.
            if (isOurs)
            {
                var container = await ns.ContainerRecords.GetAsync(init.ContainerId, cancellationToken).ConfigureAwait(false);
                await launcher.StartCreatedAsync(container, created, new TaskStartOptions(), isOurs: true).ConfigureAwait(false);
            }
            else
            {
                await tasks.StartAsync(init.ContainerId, new TaskStartOptions(), cancellationToken).ConfigureAwait(false);
            }

            return attachment;
        }
        catch
        {
            attachment?.Dispose();
            if (isOurs)
                await removal.DiscardAsync(init.ContainerId, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static TaskStartOptions WithInput(TaskStartOptions start, CtrSpecBox? size) =>
        start with
        {
            WithStdin = start.WithStdin || size is not null,
        };
}
