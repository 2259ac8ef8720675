namespace Containerd.Client.Workloads.Events;

/// <summary>Which life of a process an exit event belongs to.</summary>
internal enum ExitVerdict
{
    /// <summary>To a life that has been closed already, or to none: the event is not reported.</summary>
    Ignored,

    /// <summary>To a process that was created and never started: the event is not reported.</summary>
    NeverStarted,

    /// <summary>To the latest life, which it closes.</summary>
    Current,

    /// <summary>To an earlier life whose exit has not been reported.</summary>
    Earlier,
}
