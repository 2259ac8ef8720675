namespace Containerd.Client.Storage;

/// <summary>
/// An unfinished write that was resumed turned out to hold other data. It never leaves the content store: the write begins again, or the
/// error is thrown.
/// </summary>
internal sealed class StaleWriteException(CtrDataException error) : Exception(error.Message, error)
{
    internal CtrDataException Error { get; } = error;
}
