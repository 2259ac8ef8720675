namespace Containerd.Client.Transport;

/// <summary>The handling of a call that is not answered.</summary>
internal enum CallKind
{
    /// <summary>Reads: each answer, and each message of a stream, has the session's operation timeout. Cancelled on the wire.</summary>
    Read,

    /// <summary>Reads data that the daemon may have to measure first. Has the slow operation timeout. Cancelled on the wire.</summary>
    SlowRead,

    /// <summary>Changes something. The client stops waiting after the operation timeout, but never cancels the call on the wire.</summary>
    Change,

    /// <summary>
    /// Changes something and may take minutes: hooks, copies, file systems. Has the slow operation timeout; never cancelled on the wire.
    /// </summary>
    SlowChange,

    /// <summary>
    /// Has no time limit. It ends when the daemon no longer answers at all (<see cref="Heartbeat"/>), or when the caller cancels it.
    /// </summary>
    Stream,

    /// <summary>Like a stream, but its messages change something: never cancelled on the wire because of the daemon's silence.</summary>
    ChangeStream,
}
