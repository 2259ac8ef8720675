using System.Management.Automation;
using System.Text;
using System.Threading.Channels;

namespace Containerd.PowerShell;

/// <summary>What the pipeline hands a cmdlet, as a process's input: bytes as they are, everything else as a line of text.</summary>
internal sealed class StandardInput
{
    // Small: a process that reads slowly slows the pipeline down, not the memory up.
    private readonly Channel<ReadOnlyMemory<byte>> _chunks = Channel.CreateBounded<ReadOnlyMemory<byte>>(64);

    internal IAsyncEnumerable<ReadOnlyMemory<byte>> Chunks => _chunks.Reader.ReadAllAsync();

    internal Task WriteAsync(object? item, CancellationToken cancellation) => _chunks.Writer.WriteAsync(Bytes(item), cancellation).AsTask();

    internal void End() => _chunks.Writer.TryComplete();

    private static ReadOnlyMemory<byte> Bytes(object? item) => (item is PSObject wrapped ? wrapped.BaseObject : item) switch
    {
        byte[] bytes => bytes,
        byte one => new[] { one },
        null => "\n"u8.ToArray(),
        string text => Encoding.UTF8.GetBytes(text + "\n"),
        _ => Encoding.UTF8.GetBytes(LanguagePrimitives.ConvertTo<string>(item) + "\n"),
    };
}
