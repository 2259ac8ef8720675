using System.Globalization;
using System.Text;

namespace Containerd.Host.Files;

/// <summary>
/// Names and paths as Linux has them: bytes, of which only a slash and zero mean something. Most are UTF-8, but nothing says that they are.
/// </summary>
internal static class FileName
{
    private const byte Slash = (byte)'/';

    internal static ReadOnlySpan<byte> Here => "."u8;

    internal static ReadOnlySpan<byte> Up => ".."u8;

    /// <summary>The bytes of a path that somebody wrote.</summary>
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

    /// <summary>A path for people: on one line, and with what is no text as <c>\xNN</c>.</summary>
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

    /// <summary>A path as text; null when it is none.</summary>
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

    /// <summary>Splits a path before its last name. A slash behind it is no part of it.</summary>
    internal static (byte[] Folder, byte[] Name) Split(ReadOnlySpan<byte> path)
    {
        path = path.TrimEnd(Slash);
        var slash = path.LastIndexOf(Slash);
        return slash < 0 ? ([], path.ToArray()) : (path[..(slash + 1)].ToArray(), path[(slash + 1)..].ToArray());
    }

    /// <summary>Whether a path's last name stands for the directory itself or its parent, or there is none.</summary>
    internal static bool IsFolderItself(ReadOnlySpan<byte> name) => name.IsEmpty || name.SequenceEqual(Here) || name.SequenceEqual(Up);

    /// <summary>Whether a path asks for a directory by its end.</summary>
    internal static bool AsksForFolder(ReadOnlySpan<byte> path) => path.Length > 0 && path[^1] == Slash;

    /// <summary>The names that a path is made of, empty ones left out.</summary>
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

    /// <summary>A path without <c>.</c>, <c>..</c> and doubled slashes, taken by its letters alone.</summary>
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

    /// <summary>Whether a path is another one or lies below it, both being absolute.</summary>
    internal static bool IsAtOrBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder)
    {
        folder = folder.TrimEnd(Slash);
        return path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == Slash);
    }
}
