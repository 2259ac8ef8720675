using System.Globalization;

namespace Containerd;

/// <summary>
/// A Linux signal, by its number on amd64 and arm64. A name (with or without SIG, in any case), a number from 1 to 64, RTMIN+n and RTMAX-n
/// convert to it.
/// </summary>
public sealed class CtrSignal : IEquatable<CtrSignal>
{
    private const int RealTimeMin = 34;
    private const int RealTimeMax = 64;

    // By number, from 1. 32 and 33 belong to the C library and have no names.
    private static readonly string[] Names =
    [
        "HUP",
        "INT",
        "QUIT",
        "ILL",
        "TRAP",
        "ABRT",
        "BUS",
        "FPE",
        "KILL",
        "USR1",
        "SEGV",
        "USR2",
        "PIPE",
        "ALRM",
        "TERM",
        "STKFLT",
        "CHLD",
        "CONT",
        "STOP",
        "TSTP",
        "TTIN",
        "TTOU",
        "URG",
        "XCPU",
        "XFSZ",
        "VTALRM",
        "PROF",
        "WINCH",
        "IO",
        "PWR",
        "SYS",
    ];

    private static readonly Dictionary<string, int> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["IOT"] = 6,
        ["CLD"] = 17,
        ["POLL"] = 29,
        ["UNUSED"] = 31,
    };

    /// <summary>Creates a signal from its number.</summary>
    /// <param name="number">1 to 64.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidSignal</c>: there is no such signal.</exception>
    public CtrSignal(int number)
        : this(number, number.ToString(CultureInfo.InvariantCulture)) { }

    private CtrSignal(int number, string text)
    {
        if (number is < 1 or > RealTimeMax)
            throw Invalid(text);
        Number = number;
    }

    /// <summary>Kills a process, which cannot handle or ignore it (9).</summary>
    public static CtrSignal Kill { get; } = new(9);

    /// <summary>Requests a process to terminate (15).</summary>
    public static CtrSignal Term { get; } = new(15);

    /// <summary>Every signal that has a name of its own, in the order of their numbers.</summary>
    public static IReadOnlyList<CtrSignal> All { get; } = [.. Enumerable.Range(1, Names.Length).Select(n => new CtrSignal(n))];

    /// <summary>The number, 1 to 64.</summary>
    public int Number { get; }

    /// <summary>The name, such as <c>SIGTERM</c> or <c>SIGRTMIN+3</c>; the number where the signal has no name.</summary>
    public string Name =>
        Number switch
        {
            <= 31 => $"SIG{Names[Number - 1]}",
            < RealTimeMin => Number.ToString(CultureInfo.InvariantCulture),
            RealTimeMin => "SIGRTMIN",
            RealTimeMax => "SIGRTMAX",
            < 50 => string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{Number - RealTimeMin}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"SIGRTMAX-{RealTimeMax - Number}"),
        };

    /// <summary>Reads a signal.</summary>
    /// <param name="text">A name or number.</param>
    /// <returns>The signal.</returns>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidSignal</c>: there is no such signal; 0, which only asks whether a process exists, is none.
    /// </exception>
    public static CtrSignal Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var name = text.Trim();
        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return new CtrSignal(number, text);
        if (name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase))
            name = name[3..];
        if (Aliases.TryGetValue(name, out number))
            return new CtrSignal(number);
        number = Array.FindIndex(Names, n => n.Equals(name, StringComparison.OrdinalIgnoreCase)) + 1;
        if (number > 0)
            return new CtrSignal(number);
        number = RealTime(name);
        return number is >= RealTimeMin and <= RealTimeMax ? new CtrSignal(number) : throw Invalid(text);
    }

    /// <inheritdoc/>
    public bool Equals(CtrSignal? other) => other is not null && Number == other.Number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CtrSignal);

    /// <inheritdoc/>
    public override int GetHashCode() => Number;

    /// <summary>The signal's name.</summary>
    /// <returns>The same as <see cref="Name"/>.</returns>
    public override string ToString() => Name;

    private static int RealTime(string name)
    {
        var (start, sign) =
            name.StartsWith("RTMIN", StringComparison.OrdinalIgnoreCase) ? (RealTimeMin, '+')
            : name.StartsWith("RTMAX", StringComparison.OrdinalIgnoreCase) ? (RealTimeMax, '-')
            : (0, ' ');
        if (start == 0 || name.Length == 5)
            return start;
        return
            name[5] == sign
            && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && n <= RealTimeMax - RealTimeMin
            ? sign == '+'
                ? start + n
                : start - n
            : 0;
    }

    private static CtrArgumentException Invalid(string text) =>
        new($"The signal '{text}' does not exist. Use a name such as TERM, SIGKILL or RTMIN+3, or a number from 1 to 64.")
        {
            ErrorId = ErrorIds.InvalidSignal,
            Subject = text,
        };
}
