namespace Containerd.Client.Storage;

/// <summary>
/// A resumed write contained different data. This exception is internal to the content store: the write starts again, or the error is
/// thrown.
/// </summary>
internal sealed class StaleWriteException(CtrDataException error) : Exception(error.Message, error)
{
    internal CtrDataException Error { get; } = error;
}
