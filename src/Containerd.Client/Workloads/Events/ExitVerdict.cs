namespace Containerd.Client.Workloads.Events;

/// <summary>The life of a process that an exit event belongs to.</summary>
internal enum ExitVerdict
{
    /// <summary>A life that is already closed, or none: the event is not reported.</summary>
    Ignored,

    /// <summary>A process that was created and never started: the event is not reported.</summary>
    NeverStarted,

    /// <summary>The latest life, which it closes.</summary>
    Current,

    /// <summary>An earlier life whose exit has not been reported.</summary>
    Earlier,
}
