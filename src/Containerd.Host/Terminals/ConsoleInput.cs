using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Terminals;

/// <summary>
/// This process's standard input, read without a blocking read: an abandoned read would consume the first key that is typed afterwards, in
/// any program that then uses the terminal.
/// </summary>
internal sealed class ConsoleInput : IDisposable
{
    private const int Descriptor = 0;
    private const int ChunkSize = 4096;
    private readonly SafeFileHandle _bell = LibcPoll.MakeBell();

    /// <summary>Whether the input has ended.</summary>
    internal bool IsAtEnd { get; private set; }

    /// <summary>Waits for input and reads it.</summary>
    /// <param name="byByte">
    /// Whether it is read byte by byte, so that <paramref name="stop"/> leaves later input unread; this requires a raw terminal.
    /// </param>
    /// <param name="stop">Examines each byte; true ends the reading after it.</param>
    /// <param name="milliseconds">The time limit; -1 for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The input; empty at the end, and after a timeout.</returns>
    internal async Task<Memory<byte>> ReadAsync(bool byByte, Func<byte, bool> stop, int milliseconds, CancellationToken cancellationToken)
    {
        using var ringing = cancellationToken.Register(() => LibcPoll.Ring(_bell));
        // It is not abandoned when it is cancelled: it then ends by itself, and its callers know that no read is pending.
        return await Task.Run(() => Read(byByte, stop, milliseconds, cancellationToken), CancellationToken.None).ConfigureAwait(false);
    }

    public void Dispose() => _bell.Dispose();

    private Memory<byte> Read(bool byByte, Func<byte, bool> stop, int milliseconds, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waited = LibcPoll.Wait(Descriptor, _bell, milliseconds);
        cancellationToken.ThrowIfCancellationRequested();
        if (waited == LibcPoll.Waited.Nothing)
            return default;
        if (waited is LibcPoll.Waited.Gone or LibcPoll.Waited.Rung)
        {
            IsAtEnd = true;
            return default;
        }

        var buffer = new byte[ChunkSize];
        if (!byByte)
        {
            var count = LibcPoll.Read(Descriptor, buffer);
            IsAtEnd = count <= 0;
            return buffer.AsMemory(0, Math.Max(count, 0));
        }

        var length = 0;
        while (length < buffer.Length && LibcPoll.Read(Descriptor, buffer.AsSpan(length, 1)) == 1)
        {
            if (stop(buffer[length++]))
                break;
        }

        // A read of a raw terminal returns nothing if another reader was faster; after its window was closed, it always does.
        IsAtEnd = length == 0 && waited == LibcPoll.Waited.LastInput;
        return buffer.AsMemory(0, length);
    }
}
