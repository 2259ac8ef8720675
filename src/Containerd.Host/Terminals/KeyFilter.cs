namespace Containerd.Host.Terminals;

/// <summary>Detects the detach keys in typed input. A key that may start them is held back until the next one.</summary>
/// <param name="keys">The keys; null for none.</param>
internal sealed class KeyFilter(DetachKeys? keys)
{
    private int _matched;

    /// <summary>Whether all of them were typed.</summary>
    internal bool Detached { get; private set; }

    /// <summary>Whether input is held back.</summary>
    internal bool IsHolding => _matched > 0 && !Detached;

    /// <summary>Whether the next byte completes the keys.</summary>
    internal bool Completes(byte value)
    {
        if (keys is null || Detached)
            return Detached;
        _matched = Next(value);
        Detached = _matched == keys.Bytes.Length;
        return Detached;
    }

    /// <summary>The part of the input that goes to the process, after <see cref="Completes"/> has examined each byte.</summary>
    /// <param name="held">The number of bytes that were held back before it.</param>
    /// <param name="input">The input.</param>
    internal ReadOnlyMemory<byte> Pass(int held, ReadOnlyMemory<byte> input)
    {
        if (keys is null)
            return input;
        // Bytes that are held back are always the beginning of the keys.
        var all = new byte[held + input.Length];
        keys.Bytes[..held].CopyTo(all);
        input.CopyTo(all.AsMemory(held));
        return all.AsMemory(0, all.Length - _matched);
    }

    /// <summary>The number of bytes that are held back.</summary>
    internal int Held => _matched;

    /// <summary>The next key does not arrive: the bytes that are held back go to the process.</summary>
    internal ReadOnlyMemory<byte> Release()
    {
        var held = keys is null ? default : keys.Bytes[.._matched].ToArray();
        _matched = 0;
        return held;
    }

    /// <summary>The length of the beginning of the keys with which the typed input ends.</summary>
    private int Next(byte value)
    {
        Span<byte> typed = [.. keys!.Bytes[.._matched], value];
        for (var length = typed.Length; length > 0; length--)
        {
            if (typed[^length..].SequenceEqual(keys.Bytes[..length]))
                return length;
        }

        return 0;
    }
}
