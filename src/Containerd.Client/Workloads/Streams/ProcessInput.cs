using System.IO.Pipes;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Native;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Streams;

/// <summary>Writes to the standard input of processes that run by themselves, and closes it.</summary>
internal sealed class ProcessInput(RecordScope ns)
{
    /// <summary>The time limit for a shim to open its end of an input; after that, the input was closed.</summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Closes a process's standard input (Tasks.CloseIO). A terminal gets the key that ends input instead: the shim would close the whole
    /// terminal with its input.
    /// </summary>
    internal async Task CloseAsync(ContainerProcess process, CancellationToken cancellationToken)
    {
        var state = await RequireInputAsync(process, cancellationToken).ConfigureAwait(false);
        if (!state.Terminal)
        {
            await process.CloseInputAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var pipe = await OpenAsync(process, state.Stdin, cancellationToken).ConfigureAwait(false);
        await using (pipe.ConfigureAwait(false))
            await pipe.WriteAsync(new[] { ControlCharacters.EndOfTransmission }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes to a process's standard input through its named pipe. The input stays open.</summary>
    internal async Task WriteAsync(
        ContainerProcess process,
        IAsyncEnumerable<ReadOnlyMemory<byte>> input,
        CancellationToken cancellationToken
    )
    {
        var state = await RequireInputAsync(process, cancellationToken).ConfigureAwait(false);
        var pipe = await OpenAsync(process, state.Stdin, cancellationToken).ConfigureAwait(false);
        await using (pipe.ConfigureAwait(false))
        {
            try
            {
                await foreach (var chunk in input.WithCancellation(cancellationToken).ConfigureAwait(false))
                    await pipe.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw ProcessErrors.InputClosed(process, e);
            }
        }
    }

    private static async Task<WireTypes.Process> RequireInputAsync(ContainerProcess process, CancellationToken cancellationToken)
    {
        var state = await process.GetLiveAsync(cancellationToken).ConfigureAwait(false);
        return state.Stdin.Length == 0 ? throw ProcessErrors.NoInput(process) : state;
    }

    private async Task<AnonymousPipeClientStream> OpenAsync(ContainerProcess process, string path, CancellationToken cancellationToken)
    {
        ns.Connection.RequireHost("A standard input can be written to");
        if (!OperatingSystem.IsLinux() || !File.Exists(path))
            throw ProcessErrors.InputElsewhere(process, path);
        return await Attachment.TryOpenInputAsync(path, ReaderPatience, cancellationToken).ConfigureAwait(false)
            ?? throw ProcessErrors.InputClosed(process, null);
    }
}
