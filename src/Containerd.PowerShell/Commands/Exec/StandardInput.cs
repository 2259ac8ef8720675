using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace Containerd.PowerShell;

/// <summary>
/// The input objects of a cmdlet as the input of a process: bytes unchanged, other objects as lines of text, and nothing for $null, as for
/// a native command.
/// </summary>
internal sealed class StandardInput
{
    /// <summary>
    /// The maximum number of buffered bytes: a process that reads slowly slows down the pipeline instead of filling memory.
    /// </summary>
    private const int MostWaiting = 1024 * 1024;

    /// <summary>The memory overhead of an item in addition to its bytes.</summary>
    private const int Overhead = 64;

    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateUnbounded<ReadOnlyMemory<byte>>(
        new() { SingleReader = true, SingleWriter = true }
    );
    private readonly object _gate = new();
    private long _waiting;
    private TaskCompletionSource? _room;

    internal IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks => ReadAsync();

    /// <summary>Adds an item.</summary>
    /// <returns>A task that completes when the next item can be added.</returns>
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
    /// The items of -InputObject: the elements of a list one by one, as from the pipeline, but a byte array as one block.
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
            // The process has exited or no longer reads: further input is discarded.
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
