using System.Globalization;

namespace Containerd;

/// <summary>
/// A resource limit of a container's processes. <c>nofile=1024:2048</c>, <c>nproc=512</c> and <c>core=unlimited</c> convert to it.
/// </summary>
public sealed class CtrUlimit
{
    private static readonly string[] Known =
    [
        "as",
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];

    /// <summary>PowerShell shows the message alone where a parameter's value cannot be converted.</summary>
    private static readonly string Form =
        $"Give it as name=soft:hard, such as nofile=1024:2048, with one of the names {string.Join(", ", Known)}.";

    /// <summary>The names of all limits, as <c>ulimit</c>'s manual has them, in small letters.</summary>
    public static IReadOnlyList<string> Names => Known;

    /// <summary>The limit's name, such as <c>nofile</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>What the kernel enforces; -1 for no limit.</summary>
    public long Soft { get; set; }

    /// <summary>The most that a process may raise the soft limit to; -1 for no limit.</summary>
    public long Hard { get; set; }

    /// <summary>Reads a limit.</summary>
    /// <param name="text">The form <c>name=soft:hard</c>, or <c>name=both</c>; -1 or <c>unlimited</c> for no limit.</param>
    /// <returns>The limit.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidUlimit</c>: the text has another form, an unknown name, or a soft limit above the hard one.
    /// </exception>
    public static CtrUlimit Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
            throw Invalid(text, "has no value");
        var values = text[(equals + 1)..].Split(':');
        if (values.Length > 2)
            throw Invalid(text, "has more than two values");
        var limit = new CtrUlimit
        {
            Name = text[..equals].Trim(),
            Soft = Value(values[0], text),
            Hard = Value(values[^1], text),
        };
        limit.Validate();
        return limit;
    }

    /// <summary>The limit as an OCI runtime spec has it.</summary>
    /// <returns>The limit, under its kernel name.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidUlimit</c>: the name is unknown, or the soft limit is above the hard one.
    /// </exception>
    public CtrSpecRlimit ToRlimit()
    {
        var name = Validate();
        return new CtrSpecRlimit
        {
            Type = $"RLIMIT_{name.ToUpperInvariant()}",
            Soft = unchecked((ulong)Soft),
            Hard = unchecked((ulong)Hard),
        };
    }

    /// <summary>The limit in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>nofile=1024:2048</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Soft}:{Hard}");

    private string Validate()
    {
        var name = Name.StartsWith("RLIMIT_", StringComparison.OrdinalIgnoreCase) ? Name[7..] : Name;
        if (Array.Find(Known, n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } known)
            throw Invalid(ToString(), $"has an unknown name, '{Name}'");
        if (Soft < -1 || Hard < -1)
            throw Invalid(ToString(), "has a negative value");
        // As unsigned numbers, as the kernel has them, no limit is the largest.
        if (unchecked((ulong)Soft > (ulong)Hard))
            throw Invalid(ToString(), "has a soft limit above its hard one");
        return known;
    }

    private static long Value(string value, string text)
    {
        var trimmed = value.Trim();
        if (trimmed.Equals("unlimited", StringComparison.OrdinalIgnoreCase) || trimmed == "-1")
            return -1;
        return long.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Invalid(text, $"has a value that is not a number, '{trimmed}'");
    }

    private static CtrArgumentException Invalid(string text, string what) =>
        new($"The limit '{text}' {what}. {Form}") { ErrorId = ErrorIds.InvalidUlimit, Subject = text };
}
