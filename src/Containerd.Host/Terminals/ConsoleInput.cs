using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Terminals;

/// <summary>
/// This process's standard input, read without ever sitting in a read: a read that is given up would swallow the first key that is typed
/// afterwards, in whatever
/// program then has the terminal.
/// </summary>
internal sealed class ConsoleInput : IDisposable
{
    private const int Descriptor = 0;
    private const int ChunkSize = 4096;
    private readonly SafeFileHandle _bell = LibcPoll.MakeBell();

    /// <summary>Whether nothing more will come.</summary>
    internal bool IsAtEnd { get; private set; }

    /// <summary>Waits for input and reads it.</summary>
    /// <param name="byByte">
    /// Whether it is read byte by byte, so that <paramref name="stop"/> leaves what follows where it is; only a terminal that is raw can
    /// be.
    /// </param>
    /// <param name="stop">Looks at each byte; true ends the reading behind it.</param>
    /// <param name="milliseconds">How long to wait; -1 for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What there was; empty at the end, and when the time was over.</returns>
    internal async Task<Memory<byte>> ReadAsync(bool byByte, Func<byte, bool> stop, int milliseconds, CancellationToken cancellationToken)
    {
        using var ringing = cancellationToken.Register(() => LibcPoll.Ring(_bell));
        // Not abandoned when it is cancelled: it ends by itself then, and whoever waits for it knows that nobody reads any more.
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

        // A raw terminal's read finds nothing when somebody else was faster; one whose window is gone finds nothing ever.
        IsAtEnd = length == 0 && waited == LibcPoll.Waited.LastInput;
        return buffer.AsMemory(0, length);
    }
}
