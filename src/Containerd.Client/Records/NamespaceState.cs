using System.Collections.Concurrent;
using Containerd.Oci.Images;

namespace Containerd.Client.Records;

/// <summary>
/// The state of a namespace that the client keeps in addition to the daemon. All views of the namespace share it, including those with a
/// lease.
/// </summary>
internal sealed class NamespaceState
{
    /// <summary>The runs whose clean-up continues without their callers.</summary>
    internal EndingRuns EndingRuns { get; } = new();

    /// <summary>Execs that were created through this client and not started, by their names.</summary>
    internal ConcurrentDictionary<string, ExecProcess> CreatedExecs { get; } = new(StringComparer.Ordinal);

    /// <summary>The sizes that terminals of such execs will have, by the names of the execs.</summary>
    internal ConcurrentDictionary<string, CtrSpecBox> TerminalSizes { get; } = new(StringComparer.Ordinal);

    /// <summary>Containers that had an oom event since their task was created.</summary>
    internal ConcurrentDictionary<string, bool> OomReported { get; } = new(StringComparer.Ordinal);

    /// <summary>The last known OOM counters of running tasks: events before the start of an exec do not belong to it.</summary>
    internal ConcurrentDictionary<string, long> OomCounted { get; } = new(StringComparer.Ordinal);

    /// <summary>Counts the streams of events that are open. The service of events sets it.</summary>
    internal Func<int> EventStreams { get; set; } = static () => 0;

    /// <summary>The platform of the daemon's machine, once it is known.</summary>
    internal ImagePlatform? DaemonPlatform { get; set; }
}
