namespace Containerd.Client.Transport;

/// <summary>
/// The resource of a call: the first half of an error id (<c>Container</c> + <c>NotFound</c>) and the noun in its message.
/// </summary>
internal enum Resource
{
    Daemon,
    Container,
    Task,
    Exec,
    Image,
    Snapshot,
    Content,
    Ingest,
    Lease,
    Namespace,
    Event,
    Plugin,
    Runtime,
}
