using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace Containerd.PowerShell;

/// <summary>
/// What the pipeline hands a cmdlet, as a process's input: bytes as they are, everything else as a line of text, and nothing for $null, as
/// with a native command.
/// </summary>
internal sealed class StandardInput
{
    /// <summary>How many bytes may wait: a process that reads slowly slows the pipeline down, not the memory up.</summary>
    private const int MostWaiting = 1024 * 1024;

    /// <summary>What an item weighs beside its bytes.</summary>
    private const int Overhead = 64;

    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(
        new() { SingleReader = true, SingleWriter = true }
    );
    private readonly object _gate = new();
    private long _waiting;
    private TaskCompletionSource? _room;

    internal IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks => ReadAsync();

    /// <summary>Hands an item over.</summary>
    /// <returns>A task that ends when the next one may come.</returns>
    internal Task WriteAsync(object? item, CancellationToken cancellationToken)
    {
        var bytes = Bytes(item);
        if (bytes.IsEmpty)
            return Task.CompletedTask;
        lock (_gate)
        {
            if (!_chunks.Writer.TryWrite(bytes))
                return Task.CompletedTask;
            _waiting += bytes.Length + Overhead;
            if (_waiting <= MostWaiting)
                return Task.CompletedTask;
            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>
    /// The items of an -InputObject: those of a list one by one, as the pipeline would bring them, but bytes as the one block that they
    /// are.
    /// </summary>
    internal static IEnumerable<object?> Items(object? input, InvocationInfo invocation) =>
        !invocation.ExpectingInput && (input is PSObject wrapped ? wrapped.BaseObject : input) is IList list and not byte[]
            ? list.Cast<object?>()
            : [input];

    /// <summary>Whether a cmdlet has an input: from the pipeline, or as its parameter.</summary>
    internal static bool IsGiven(InvocationInfo invocation) =>
        invocation.ExpectingInput || invocation.BoundParameters.ContainsKey("InputObject");

    internal void End() => _chunks.Writer.TryComplete();

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            await foreach (var chunk in _chunks.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return chunk;
                lock (_gate)
                {
                    _waiting -= chunk.Length + Overhead;
                    if (_waiting <= MostWaiting)
                        GiveRoom();
                }
            }
        }
        finally
        {
            // The process has ended, or reads no more: what still comes is kept for nobody.
            _chunks.Writer.TryComplete();
            while (_chunks.Reader.TryRead(out _))
                continue;
            lock (_gate)
                GiveRoom();
        }
    }

    private void GiveRoom()
    {
        _room?.SetResult();
        _room = null;
    }

    private static ReadOnlyMemory<byte> Bytes(object? item) =>
        (item is PSObject wrapped ? wrapped.BaseObject : item) switch
        {
            byte[] bytes => bytes,
            byte one => new[] { one },
            null => ReadOnlyMemory<byte>.Empty,
            string text => Encoding.UTF8.GetBytes(text + "\n"),
            _ => Encoding.UTF8.GetBytes(LanguagePrimitives.ConvertTo<string>(item) + "\n"),
        };
}
