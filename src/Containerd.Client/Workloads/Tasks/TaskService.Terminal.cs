using System.IO.Pipes;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Containerd.Host.Native;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>The time limit for a shim to open its end of an input; after that, the input was closed.</summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Sets the size of a process's terminal (Tasks.ResizePty). For an exec that has not started, it is set when it is started through this
    /// object.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="width">Columns, 1 to 65535.</param>
    /// <param name="height">Rows, 1 to 65535.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">
    /// The process has no terminal (NoTerminal), which containerd itself does not report.
    /// </exception>
    /// <exception cref="CtrConflictException">The process has exited (TaskNotRunning, ExecNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ResizeAsync(
        string containerId,
        int width,
        int height,
        string? execId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, ushort.MaxValue);
        var process = await _ns.TaskRecords.GetProcessAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        var isCreatedExec = execId is not null && process.Status == WireTypes.Status.Created;
        if (!isCreatedExec)
            RequireLive(process, containerId, execId);
        if (!process.Terminal)
            throw NoTerminal(containerId, execId);
        if (isCreatedExec)
        {
            // The shim has no terminal for it yet, and would silently ignore the size.
            _ns.State.TerminalSizes[(containerId, execId!)] = (width, height);
            return;
        }

        await _rpc.ResizeAsync(containerId, execId ?? "", width, height, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes the standard input of a process (Tasks.CloseIO). On a terminal the end is sent as a key, because the shim would close the
    /// whole terminal with its input.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">The process has no standard input (NoStdin).</exception>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task CloseInputAsync(string containerId, string? execId = null, CancellationToken cancellationToken = default)
    {
        var process = await GetLiveProcessAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        RequireInput(process, containerId, execId);
        if (process.Terminal)
        {
            var pipe = await OpenInputAsync(process, containerId, execId, cancellationToken).ConfigureAwait(false);
            await using (pipe.ConfigureAwait(false))
                await pipe.WriteAsync(new[] { ControlCharacters.EndOfTransmission }, cancellationToken).ConfigureAwait(false);
            return;
        }

        await _rpc.CloseInputAsync(containerId, execId ?? "", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes to the standard input of a process through its named pipe, whichever client started it. The input stays open.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="input">The data, in chunks.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">Gives up; what was written stays written.</param>
    /// <exception cref="CtrArgumentException">The process has no standard input, or it is not accessible from here (NoStdin).</exception>
    /// <exception cref="CtrConflictException">
    /// Its input was closed (StdinClosed), it has exited, or that of an exec has not started.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task WriteInputAsync(
        string containerId,
        IAsyncEnumerable<ReadOnlyMemory<byte>> input,
        string? execId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        var process = await GetLiveProcessAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        RequireInput(process, containerId, execId);
        var pipe = await OpenInputAsync(process, containerId, execId, cancellationToken).ConfigureAwait(false);
        await using (pipe.ConfigureAwait(false))
        {
            try
            {
                await foreach (var chunk in input.WithCancellation(cancellationToken).ConfigureAwait(false))
                    await pipe.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw InputClosed(containerId, execId, e);
            }
        }
    }

    private async Task<WireTypes.Process> GetLiveProcessAsync(string containerId, string? execId, CancellationToken cancellationToken)
    {
        var process = await _ns.TaskRecords.GetProcessAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        RequireLive(process, containerId, execId);
        return process;
    }

    private static void RequireLive(WireTypes.Process process, string containerId, string? execId)
    {
        if (process.Status == WireTypes.Status.Stopped || (execId is not null && process.Status == WireTypes.Status.Created))
        {
            throw new CtrConflictException(
                $"{Subject(containerId, execId)} {(process.Status == WireTypes.Status.Stopped ? "has ended" : "has not been started")}."
            )
            {
                ErrorId = execId is null ? "TaskNotRunning" : "ExecNotRunning",
                Subject = containerId,
            };
        }
    }

    private static CtrArgumentException NoTerminal(string containerId, string? execId) =>
        new($"{Subject(containerId, execId)} has no terminal.")
        {
            ErrorId = "NoTerminal",
            Subject = containerId,
            RemedyId = "Tty",
            Remedy = "Start it with a terminal.",
        };

    private static void RequireInput(WireTypes.Process process, string containerId, string? execId)
    {
        if (process.Stdin.Length == 0)
        {
            throw new CtrArgumentException($"{Subject(containerId, execId)} has no standard input.")
            {
                ErrorId = "NoStdin",
                Subject = containerId,
                RemedyId = "WithStdin",
                Remedy = "Start it with a standard input.",
            };
        }
    }

    private async Task<AnonymousPipeClientStream> OpenInputAsync(
        WireTypes.Process process,
        string containerId,
        string? execId,
        CancellationToken cancellationToken
    )
    {
        _ns.Connection.RequireHost("A standard input can be written to");
        if (!OperatingSystem.IsLinux() || !File.Exists(process.Stdin))
        {
            throw new CtrArgumentException($"{Subject(containerId, execId)} reads from '{process.Stdin}', which is not on this machine.")
            {
                ErrorId = "NoStdin",
                Subject = containerId,
            };
        }

        return await Attachment.TryOpenInputAsync(process.Stdin, ReaderPatience, cancellationToken).ConfigureAwait(false)
            ?? throw InputClosed(containerId, execId, null);
    }

    private static CtrConflictException InputClosed(string containerId, string? execId, IOException? cause) =>
        new($"{Subject(containerId, execId)} no longer reads input: its standard input was closed.", cause)
        {
            ErrorId = "StdinClosed",
            Subject = containerId,
        };

    private static string Subject(string containerId, string? execId) =>
        execId is null ? $"The task of container '{containerId}'" : $"The exec '{containerId}/{execId}'";
}
