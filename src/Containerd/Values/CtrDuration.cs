using System.Globalization;
using System.Text;

namespace Containerd;

/// <summary>
/// A length of time. <c>10s</c>, <c>1m30s</c>, <c>500ms</c>, <c>7d</c>, <c>00:01:30</c> and a TimeSpan convert to it; a plain number is a
/// number of seconds. -1, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>, means no limit.
/// </summary>
public readonly struct CtrDuration : IEquatable<CtrDuration>, IComparable<CtrDuration>, IComparable
{
    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Use a number of seconds, a TimeSpan, or a string such as 10s, 1m30s, 500ms or 7d; -1 means no limit.";

    // The longest names first: "ms" must not be read as minutes.
    private static readonly (string Name, long Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
        ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour),
        ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>Creates a duration from a TimeSpan.</summary>
    /// <param name="value">The time, not negative; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidDuration</c>: the time is negative.</exception>
    public CtrDuration(TimeSpan value)
    {
        if (value < TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            throw Invalid(value.ToString(), "is negative", null);
        TimeSpan = value;
    }

    /// <summary>Creates a duration from a number of seconds.</summary>
    /// <param name="seconds">The seconds; -1 for no limit.</param>
    public CtrDuration(int seconds)
        : this((double)seconds) { }

    /// <summary>Creates a duration from a number of seconds.</summary>
    /// <param name="seconds">The seconds; -1 for no limit.</param>
    public CtrDuration(long seconds)
        : this((double)seconds) { }

    /// <summary>Creates a duration from a number of seconds.</summary>
    /// <param name="seconds">The seconds; -1 for no limit.</param>
    public CtrDuration(double seconds)
        : this(OfSeconds(seconds)) { }

    /// <summary>No limit, which -1 stands for.</summary>
    public static CtrDuration Unlimited { get; } = new(Timeout.InfiniteTimeSpan);

    /// <summary>The time; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan TimeSpan { get; }

    /// <summary>Whether this is -1, no limit.</summary>
    public bool IsUnlimited => TimeSpan == Timeout.InfiniteTimeSpan;

    /// <summary>The time in seconds; -1 for no limit.</summary>
    public double TotalSeconds => IsUnlimited ? -1 : TimeSpan.TotalSeconds;

    /// <summary>Reads a duration.</summary>
    /// <param name="text">
    /// Numbers with the units d, h, m, s, ms and us in a row; a plain number of seconds; the form hours:minutes:seconds; or -1.
    /// </param>
    /// <returns>The duration.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidDuration</c>: the text is no duration, or too long a one.</exception>
    public static CtrDuration Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.AsSpan().Trim();
        if (rest is "-1")
            return Unlimited;
        if (double.TryParse(rest, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return new CtrDuration(seconds);
        if (rest.Contains(':') && TimeSpan.TryParse(rest, CultureInfo.InvariantCulture, out var span))
            return new CtrDuration(span);
        if (rest.IsEmpty)
            throw Invalid(text, "is empty", null);
        if (rest[0] == '-')
            throw Invalid(text, "is negative", null);

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('.', '9');
            if (
                digits <= 0
                || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            )
                throw Invalid(text, "is not a length of time", null);
            rest = rest[digits..];
            var unit = UnitAt(rest);
            if (unit.Ticks == 0)
                throw Invalid(text, "has an unknown unit", null);
            if (number > long.MaxValue / unit.Ticks)
                throw Invalid(text, "is too long", null);
            ticks += number * unit.Ticks;
            rest = rest[unit.Name.Length..];
        }
        return ticks <= long.MaxValue ? new CtrDuration(new TimeSpan((long)ticks)) : throw Invalid(text, "is too long", null);
    }

    /// <summary>The time, where a TimeSpan is asked for.</summary>
    /// <param name="duration">The duration.</param>
    public static implicit operator TimeSpan(CtrDuration duration) => duration.TimeSpan;

    /// <summary>The time.</summary>
    /// <returns>The duration as a TimeSpan.</returns>
    public TimeSpan ToTimeSpan() => TimeSpan;

    /// <inheritdoc/>
    public bool Equals(CtrDuration other) => TimeSpan == other.TimeSpan;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CtrDuration other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => TimeSpan.GetHashCode();

    /// <summary>Compares two durations; no limit is more than any time.</summary>
    /// <param name="other">The other duration.</param>
    /// <returns>Less than, equal to or more than 0.</returns>
    public int CompareTo(CtrDuration other) => unchecked((ulong)TimeSpan.Ticks).CompareTo(unchecked((ulong)other.TimeSpan.Ticks));

    /// <inheritdoc/>
    public int CompareTo(object? obj) =>
        obj switch
        {
            null => 1,
            CtrDuration other => CompareTo(other),
            TimeSpan span => CompareTo(new CtrDuration(span)),
            _ => throw new ArgumentException($"A duration cannot be compared with {obj.GetType().Name}.", nameof(obj)),
        };

    /// <summary>Whether two durations are the same.</summary>
    /// <param name="left">One duration.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(CtrDuration left, CtrDuration right) => left.Equals(right);

    /// <summary>Whether two durations differ.</summary>
    /// <param name="left">One duration.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(CtrDuration left, CtrDuration right) => !left.Equals(right);

    /// <summary>Whether one duration is shorter than another.</summary>
    /// <param name="left">One duration.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(CtrDuration left, CtrDuration right) => left.CompareTo(right) < 0;

    /// <summary>Whether one duration is longer than another.</summary>
    /// <param name="left">One duration.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(CtrDuration left, CtrDuration right) => left.CompareTo(right) > 0;

    /// <summary>Whether one duration is at most as long as another.</summary>
    /// <param name="left">One duration.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(CtrDuration left, CtrDuration right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one duration is at least as long as another.</summary>
    /// <param name="left">One duration.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(CtrDuration left, CtrDuration right) => left.CompareTo(right) >= 0;

    /// <summary>The duration in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>1m30s</c> or <c>500ms</c>; <c>-1</c> for no limit.</returns>
    public override string ToString()
    {
        if (IsUnlimited)
            return "-1";
        if (TimeSpan < TimeSpan.FromSeconds(1))
            return TimeSpan == TimeSpan.Zero ? "0s"
                : TimeSpan.Ticks % TimeSpan.TicksPerMillisecond == 0
                    ? string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.Milliseconds}ms")
                : string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.Ticks / (decimal)TimeSpan.TicksPerMicrosecond:0.#}us");
        var text = new StringBuilder();
        var hours = TimeSpan.Ticks / TimeSpan.TicksPerHour;
        if (hours > 0)
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (TimeSpan.Minutes > 0)
            text.Append(CultureInfo.InvariantCulture, $"{TimeSpan.Minutes}m");
        var seconds = TimeSpan.Ticks % TimeSpan.TicksPerMinute / (decimal)TimeSpan.TicksPerSecond;
        if (seconds > 0)
            text.Append(CultureInfo.InvariantCulture, $"{seconds:0.#######}s");
        return text.ToString();
    }

    private static (string Name, long Ticks) UnitAt(ReadOnlySpan<char> rest)
    {
        foreach (var unit in Units)
            if (rest.StartsWith(unit.Name, StringComparison.OrdinalIgnoreCase))
                return unit;
        return default;
    }

    private static TimeSpan OfSeconds(double seconds)
    {
        if (seconds == -1)
            return Timeout.InfiniteTimeSpan;
        var text = seconds.ToString(CultureInfo.InvariantCulture);
        if (double.IsNaN(seconds) || seconds < 0)
            throw Invalid(text, "is negative", null);
        try
        {
            return TimeSpan.FromSeconds(seconds);
        }
        catch (OverflowException e)
        {
            throw Invalid(text, "is too long", e);
        }
    }

    private static CtrArgumentException Invalid(string text, string what, Exception? cause) =>
        new($"The duration '{text}' {what}. {Form}", cause) { ErrorId = ErrorIds.InvalidDuration, Subject = text };
}
