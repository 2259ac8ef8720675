using System.Globalization;
using System.Text;

namespace Containerd.Host.Files;

/// <summary>
/// Names and paths on Linux: bytes, of which only slash and null have a meaning. Most are UTF-8, but this is not guaranteed.
/// </summary>
internal static class FileName
{
    private const byte Slash = (byte)'/';

    internal static ReadOnlySpan<byte> Here => "."u8;

    internal static ReadOnlySpan<byte> Up => ".."u8;

    /// <summary>The bytes of a path that a user typed.</summary>
    internal static byte[] Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            if (!path.Contains('\0', StringComparison.Ordinal))
                return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(path);
        }
        catch (EncoderFallbackException)
        {
            // Half a character.
        }

        throw new CtrArgumentException($"'{path.Replace("\0", "\\0", StringComparison.Ordinal)}' cannot be a path.")
        {
            ErrorId = ErrorIds.InvalidPath,
            Subject = path,
        };
    }

    /// <summary>A path for display: on one line, with bytes that are not text as <c>\xNN</c>.</summary>
    internal static string Show(ReadOnlySpan<byte> path)
    {
        var text = new StringBuilder(path.Length);
        while (!path.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(path, out var rune, out var length);
            if (status == System.Buffers.OperationStatus.Done && !Rune.IsControl(rune))
            {
                text.Append(rune.ToString());
            }
            else
            {
                foreach (var b in path[..length])
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}");
            }

            path = path[length..];
        }

        return text.ToString();
    }

    /// <summary>A path as text; null if it is not valid UTF-8.</summary>
    internal static string? Text(ReadOnlySpan<byte> path)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(path);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>A directory's path and a name in it, as one path.</summary>
    internal static byte[] Join(ReadOnlySpan<byte> folder, ReadOnlySpan<byte> name) =>
        folder.IsEmpty ? name.ToArray()
        : folder[^1] == Slash ? [.. folder, .. name]
        : [.. folder, Slash, .. name];

    /// <summary>Splits a path before its last name, ignoring a trailing slash.</summary>
    internal static (byte[] Folder, byte[] Name) Split(ReadOnlySpan<byte> path)
    {
        path = path.TrimEnd(Slash);
        var slash = path.LastIndexOf(Slash);
        return slash < 0 ? ([], path.ToArray()) : (path[..(slash + 1)].ToArray(), path[(slash + 1)..].ToArray());
    }

    /// <summary>Whether the last name of a path is . or .., or there is none.</summary>
    internal static bool IsFolderItself(ReadOnlySpan<byte> name) => name.IsEmpty || name.SequenceEqual(Here) || name.SequenceEqual(Up);

    /// <summary>Whether the end of a path requires a directory.</summary>
    internal static bool AsksForFolder(ReadOnlySpan<byte> path) => path.Length > 0 && path[^1] == Slash;

    /// <summary>The names in a path, without empty ones.</summary>
    internal static List<byte[]> Names(ReadOnlySpan<byte> path)
    {
        var names = new List<byte[]>();
        while (!path.IsEmpty)
        {
            var slash = path.IndexOf(Slash);
            var name = slash < 0 ? path : path[..slash];
            if (!name.IsEmpty)
                names.Add(name.ToArray());
            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return names;
    }

    /// <summary>A path without <c>.</c>, <c>..</c> and doubled slashes, computed only from the text.</summary>
    internal static byte[] Normalize(ReadOnlySpan<byte> path)
    {
        var names = new List<byte[]>();
        foreach (var name in Names(path))
        {
            if (name.AsSpan().SequenceEqual(Up) && names.Count > 0)
                names.RemoveAt(names.Count - 1);
            else if (!IsFolderItself(name))
                names.Add(name);
        }

        return names.Count == 0 ? [Slash] : [.. names.SelectMany(n => (byte[])[Slash, .. n])];
    }

    /// <summary>Whether an absolute path equals another one or is below it.</summary>
    internal static bool IsAtOrBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder)
    {
        folder = folder.TrimEnd(Slash);
        return path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == Slash);
    }
}
