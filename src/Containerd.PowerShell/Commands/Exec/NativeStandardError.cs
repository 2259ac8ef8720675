using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The standard error of this process (file descriptor 2), to which that of a native command goes. No method of the engine writes to it
/// without an error record, and hosts show information records on standard output.
/// </summary>
internal sealed class NativeStandardError
{
    private const string ConsoleHost = "ConsoleHost";

    // All runspaces of this process share the descriptor: each write consists of whole lines, and writes are serialized.
    private static readonly object Gate = new();
    private static readonly Lazy<Stream?> Descriptor = new(Open);

    private readonly WholeLines _lines = new();
    private readonly Stream _stream;

    private NativeStandardError(Stream stream) => _stream = stream;

    /// <summary>The standard error for a cmdlet's processes.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <returns>
    /// The stream; null on an interactive console, in jobs and remote sessions, in a PowerShell that another one runs as a script block,
    /// and if the information stream is redirected: in these cases the user sees the records.
    /// </returns>
    internal static NativeStandardError? For(PSCmdlet cmdlet) =>
        cmdlet.Host?.Name == ConsoleHost
        && (Console.IsOutputRedirected || Console.IsErrorRedirected)
        && !WritesXml()
        && !InformationRedirection.Applies(cmdlet)
        && Descriptor.Value is { } stream
            ? new NativeStandardError(stream)
            : null;

    /// <summary>Writes the lines that these bytes complete, unchanged.</summary>
    internal void Add(ReadOnlySpan<byte> chunk) => Write(_lines.Add(chunk));

    /// <summary>Writes the last line with a line ending, so that later output does not continue it.</summary>
    internal void End() => Write(_lines.End());

    private void Write(ReadOnlyMemory<byte> lines)
    {
        if (lines.IsEmpty)
            return;
        lock (Gate)
        {
            _stream.Write(lines.Span);
            _stream.Flush();
        }
    }

    /// <summary>Whether another PowerShell started this one for its objects (<c>pwsh { … }</c>): both streams then carry XML.</summary>
    private static bool WritesXml()
    {
        var words = Environment.GetCommandLineArgs();
        for (var at = 1; at < words.Length - 1; at++)
        {
            var name = words[at].TrimStart('-', '/');
            var isFormat =
                name.Equals("of", StringComparison.OrdinalIgnoreCase)
                || (name.Length > 0 && "outputformat".StartsWith(name, StringComparison.OrdinalIgnoreCase));
            if (isFormat && name.Length < words[at].Length && words[at + 1].Equals("xml", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static Stream? Open()
    {
        try
        {
            return Console.OpenStandardError();
        }
        catch (IOException)
        {
            // The process that started this one closed it.
            return null;
        }
    }
}
