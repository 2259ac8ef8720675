using Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Streams;

/// <summary>The streams of a process, as containerd stores them.</summary>
/// <param name="Stdin">The named pipe that it reads from; empty if it has none.</param>
/// <param name="Stdout">The path or URI that its output goes to; empty if it is discarded.</param>
/// <param name="Stderr">The path or URI that its error output goes to; empty with a terminal.</param>
/// <param name="Terminal">Whether it has a terminal.</param>
internal sealed record StreamPaths(string Stdin, string Stdout, string Stderr, bool Terminal)
{
    /// <summary>The streams of a process.</summary>
    internal static StreamPaths Of(Process process) => new(process.Stdin, process.Stdout, process.Stderr, process.Terminal);

    /// <summary>The streams of a task.</summary>
    internal static StreamPaths Of(CtrTask task) => new(task.Stdin, task.Stdout, task.Stderr, task.Terminal);
}
