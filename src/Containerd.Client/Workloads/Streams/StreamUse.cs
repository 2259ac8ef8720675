using Containerd.Client.Records;
using Containerd.Host;
using Containerd.Host.Streams;
using Containerd.Host.Terminals;

namespace Containerd.Client.Workloads.Streams;

/// <summary>What a caller does with the streams of a process: its own streams, its terminal, or code of its own.</summary>
/// <param name="Callback">Receives the streams before the process starts.</param>
/// <param name="WithStdin">Whether the process gets a standard input.</param>
/// <param name="Terminal">Whether the streams are those of a terminal; null to decide by the process.</param>
/// <param name="Size">The size of the terminal; null if none is chosen.</param>
internal sealed record StreamUse(StdioCallback Callback, bool WithStdin, bool? Terminal = null, CtrSpecBox? Size = null)
{
    /// <summary>Connects the caller's streams.</summary>
    internal static StreamUse Of(ProcessIo io) =>
        new((streams, ct) => StreamPumps.RunAsync(io, streams, ct), io.Stdin is not null, io.Terminal);

    /// <summary>Connects this process's terminal.</summary>
    internal static StreamUse Of(LocalTerminal terminal, ContainerProcess process) =>
        new(new TerminalRelay(terminal, null, process.ResizeAsync).RunAsync, WithStdin: true, Terminal: true, LocalTerminal.Box);
}
