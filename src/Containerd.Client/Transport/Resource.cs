namespace Containerd.Client.Transport;

/// <summary>
/// What a call is about: the first half of an error's id (<c>Container</c> + <c>NotFound</c>) and the noun in its message.
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
