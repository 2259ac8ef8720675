namespace Containerd.Host.Terminals;

/// <summary>Looks for the detach keys in what is typed. A key that may begin them is held back until the next one tells.</summary>
/// <param name="keys">The keys; null for none.</param>
internal sealed class KeyFilter(DetachKeys? keys)
{
    private int _matched;

    /// <summary>Whether all of them were typed.</summary>
    internal bool Detached { get; private set; }

    /// <summary>Whether something is held back.</summary>
    internal bool IsHolding => _matched > 0 && !Detached;

    /// <summary>Whether this byte, which comes next, completes the keys.</summary>
    internal bool Completes(byte value)
    {
        if (keys is null || Detached)
            return Detached;
        _matched = Next(value);
        Detached = _matched == keys.Bytes.Length;
        return Detached;
    }

    /// <summary>What of the input, of which <see cref="Completes"/> has seen every byte, goes to the process.</summary>
    /// <param name="held">How many bytes before it were held back.</param>
    /// <param name="input">The input.</param>
    internal ReadOnlyMemory<byte> Pass(int held, ReadOnlyMemory<byte> input)
    {
        if (keys is null)
            return input;
        // What was held back is always a beginning of the keys.
        var all = new byte[held + input.Length];
        keys.Bytes[..held].CopyTo(all);
        input.CopyTo(all.AsMemory(held));
        return all.AsMemory(0, all.Length - _matched);
    }

    /// <summary>How many bytes are held back.</summary>
    internal int Held => _matched;

    /// <summary>The next key does not come: what was held back goes to the process.</summary>
    internal ReadOnlyMemory<byte> Release()
    {
        var held = keys is null ? default : keys.Bytes[.._matched].ToArray();
        _matched = 0;
        return held;
    }

    /// <summary>How much of the keys the typed ones now end with.</summary>
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
