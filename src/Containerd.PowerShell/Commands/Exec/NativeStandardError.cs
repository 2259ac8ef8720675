using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// This process's own standard error (file descriptor 2), where a native command's would go. No method of the engine writes there without
/// an error record, and what a host shows of an information record goes to standard output.
/// </summary>
internal sealed class NativeStandardError
{
    private const string ConsoleHost = "ConsoleHost";

    // All runspaces of this process share the descriptor: each write is of whole lines, one after the other.
    private static readonly object Gate = new();
    private static readonly Lazy<Stream?> Descriptor = new(Open);

    private readonly WholeLines _lines = new();
    private readonly Stream _stream;

    private NativeStandardError(Stream stream) => _stream = stream;

    /// <summary>The standard error for a cmdlet's processes.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <returns>
    /// The way to it; null on an interactive console, in jobs and remote sessions, in a PowerShell that another one runs as a script block,
    /// and where the information stream is redirected: there the records are what the user sees.
    /// </returns>
    internal static NativeStandardError? For(PSCmdlet cmdlet) =>
        cmdlet.Host?.Name == ConsoleHost
        && (Console.IsOutputRedirected || Console.IsErrorRedirected)
        && !WritesXml()
        && !InformationRedirection.Applies(cmdlet)
        && Descriptor.Value is { } stream
            ? new NativeStandardError(stream)
            : null;

    /// <summary>Writes the lines that are complete with these bytes, as the process wrote them.</summary>
    internal void Add(ReadOnlySpan<byte> chunk) => Write(_lines.Add(chunk));

    /// <summary>Writes the last line, with an end, so that what follows does not continue it.</summary>
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

    /// <summary>Whether another PowerShell started this one for its objects (<c>pwsh { … }</c>): both streams carry XML then.</summary>
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
            // It was closed by whoever started this process.
            return null;
        }
    }
}
