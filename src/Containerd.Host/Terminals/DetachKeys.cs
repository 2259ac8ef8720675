namespace Containerd.Host;

/// <summary>The keys that end an attachment and leave the process running, typed one after the other.</summary>
public sealed class DetachKeys
{
    private const byte Escape = 0x1b;
    private readonly byte[] _keys;
    private readonly string _text;

    private DetachKeys(byte[] keys, string text)
    {
        _keys = keys;
        _text = text;
    }

    /// <summary>Ctrl+P, Ctrl+Q.</summary>
    public static DetachKeys Default { get; } = Parse(["Ctrl+P", "Ctrl+Q"])!;

    /// <summary>The bytes that a terminal sends for them.</summary>
    internal ReadOnlySpan<byte> Bytes => _keys;

    /// <summary>Parses names of keys: Ctrl+P, ctrl-p, ^P, Escape, or a character; several in one text are separated by commas.</summary>
    /// <param name="keys">The keys.</param>
    /// <returns>The keys; null for <c>None</c>.</returns>
    /// <exception cref="CtrArgumentException">One that cannot be typed (InvalidDetachKeys).</exception>
    public static DetachKeys? Parse(IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        // A comma is also a key.
        var names = keys.SelectMany(k => k is "," ? [k] : k.Split(',', StringSplitOptions.TrimEntries)).ToList();
        if (names is [var only] && only.Equals("None", StringComparison.OrdinalIgnoreCase))
            return null;
        if (names.Count == 0)
            throw Invalid("", "no key is named");
        var bytes = names.Select(Byte).ToArray();
        return new DetachKeys(bytes, string.Join(", ", bytes.Select(Name)));
    }

    /// <summary>The names of the keys.</summary>
    /// <returns>Such as <c>Ctrl+P, Ctrl+Q</c>.</returns>
    public override string ToString() => _text;

    private static byte Byte(string name)
    {
        var upper = name.ToUpperInvariant();
        if (upper is "ESC" or "ESCAPE" or "CTRL+[" or "CTRL-[" or "^[")
            return Escape;
        var key =
            upper.StartsWith("CTRL+", StringComparison.Ordinal) || upper.StartsWith("CTRL-", StringComparison.Ordinal) ? upper[5..]
            : upper is ['^', _] ? upper[1..]
            : null;
        // Control clears the upper bits.
        if (key is [>= '@' and <= '_' and var letter])
            return (byte)(letter & 0x1f);
        if (key is null && name is [> ' ' and <= '~' and var plain])
            return (byte)plain;
        throw Invalid(name, $"'{name}' is not a key that a terminal can send");
    }

    private static string Name(byte key) =>
        key == Escape ? "Escape"
        : key < ' ' ? "Ctrl+" + (char)(key + '@')
        : ((char)key).ToString();

    private static CtrArgumentException Invalid(string subject, string why) =>
        new($"These keys cannot detach: {why}.")
        {
            ErrorId = ErrorIds.InvalidDetachKeys,
            Subject = subject,
            Remedy = "Use keys such as Ctrl+P,Ctrl+Q or ^B,d, or None to disable them.",
        };
}
