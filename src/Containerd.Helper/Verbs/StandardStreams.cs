using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Helper.Verbs;

/// <summary>Standard input and output without the console of .NET, which would be the largest part of the program.</summary>
internal static class StandardStreams
{
    private const int Input = 0;
    private const int Output = 1;
    private const int Chunk = 1 << 16;
    private const int Longest = 1 << 24;

    /// <summary>Reads the standard input to its end.</summary>
    internal static byte[] Read()
    {
        var content = new byte[Chunk];
        var length = 0;
        while (LibcPoll.Read(Input, content.AsSpan(length)) is var count and > 0)
        {
            length += count;
            if (length == Longest)
                break;
            if (length == content.Length)
                Array.Resize(ref content, content.Length * 2);
        }

        return content[..length];
    }

    /// <summary>Writes a line to the standard output.</summary>
    internal static bool Write(byte[] line)
    {
        using var output = new SafeFileHandle(Output, ownsHandle: false);
        var text = (ReadOnlySpan<byte>)[.. line, (byte)'\n'];
        while (!text.IsEmpty)
        {
            var count = LibcPoll.Write(output, text);
            if (count <= 0)
                return false;
            text = text[count..];
        }

        return true;
    }
}
