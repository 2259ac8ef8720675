using System.Globalization;

namespace Containerd;

/// <summary>
/// A moment. A DateTime and a text such as <c>2026-05-06 07:08</c> or <c>2026-05-06T05:08:00Z</c> convert to it; so does a length of time,
/// which counts back from now: a TimeSpan, <c>10m</c>, <c>1h30m</c>, or a plain number of seconds.
/// </summary>
public readonly struct CtrMoment : IEquatable<CtrMoment>, IComparable<CtrMoment>, IComparable
{
    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Use a time such as '2026-05-06 07:08', or the length of time before now, such as 10m or 1h30m.";

    /// <summary>Creates a moment from a time.</summary>
    /// <param name="time">The time; local where it does not say.</param>
    public CtrMoment(DateTime time) =>
        Time = time.Kind == DateTimeKind.Utc ? time.ToLocalTime() : DateTime.SpecifyKind(time, DateTimeKind.Local);

    /// <summary>Creates a moment from a time.</summary>
    /// <param name="time">The time.</param>
    public CtrMoment(DateTimeOffset time)
        : this(time.LocalDateTime) { }

    /// <summary>Creates the moment that long ago.</summary>
    /// <param name="ago">How long, not negative.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidDuration</c>: the time is negative.</exception>
    public CtrMoment(TimeSpan ago)
        : this(new CtrDuration(ago)) { }

    /// <summary>Creates the moment that long ago.</summary>
    /// <param name="ago">How long.</param>
    public CtrMoment(CtrDuration ago)
        : this(Before(ago)) { }

    /// <summary>Creates the moment that many seconds ago.</summary>
    /// <param name="seconds">The seconds.</param>
    public CtrMoment(int seconds)
        : this(new CtrDuration(seconds)) { }

    /// <summary>Creates the moment that many seconds ago.</summary>
    /// <param name="seconds">The seconds.</param>
    public CtrMoment(double seconds)
        : this(new CtrDuration(seconds)) { }

    /// <summary>The moment, in local time.</summary>
    public DateTime Time { get; }

    /// <summary>Reads a moment.</summary>
    /// <param name="text">A time, in local time unless it says otherwise, or a length of time with units.</param>
    /// <returns>The moment.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidTime</c>: the text is neither.</exception>
    public static CtrMoment Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // 07:08 is a time of the day.
        if (!text.Contains(':', StringComparison.Ordinal) && TryParseDuration(text) is { IsUnlimited: false } ago)
            return new CtrMoment(ago);
        return DateTime.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeLocal | DateTimeStyles.AllowWhiteSpaces,
            out var time
        )
            ? new CtrMoment(time)
            : throw new CtrArgumentException($"'{text}' is not a time. {Form}")
            {
                ErrorId = ErrorIds.InvalidTime,
                Subject = text,
                Remedy = Form,
            };
    }

    /// <summary>Whether the two are the same.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(CtrMoment left, CtrMoment right) => left.Equals(right);

    /// <summary>Whether the two differ.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(CtrMoment left, CtrMoment right) => !left.Equals(right);

    /// <summary>Whether one is earlier.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(CtrMoment left, CtrMoment right) => left.CompareTo(right) < 0;

    /// <summary>Whether one is later.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(CtrMoment left, CtrMoment right) => left.CompareTo(right) > 0;

    /// <summary>Whether one is not later.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(CtrMoment left, CtrMoment right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one is not earlier.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(CtrMoment left, CtrMoment right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public bool Equals(CtrMoment other) => Time == other.Time;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CtrMoment other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Time.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(CtrMoment other) => Time.CompareTo(other.Time);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => obj is CtrMoment other ? CompareTo(other) : 1;

    /// <inheritdoc/>
    public override string ToString() => Time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static DateTime Before(CtrDuration ago)
    {
        if (ago.IsUnlimited)
        {
            throw new CtrArgumentException($"No moment was -1 ago. {Form}")
            {
                ErrorId = ErrorIds.InvalidTime,
                Subject = "-1",
                Remedy = Form,
            };
        }

        // Counted back where no clock is put forward or back.
        var now = DateTime.UtcNow;
        return ago.TimeSpan < now - DateTime.MinValue ? (now - ago.TimeSpan).ToLocalTime() : DateTime.MinValue;
    }

    private static CtrDuration? TryParseDuration(string text)
    {
        try
        {
            return CtrDuration.Parse(text);
        }
        catch (CtrArgumentException)
        {
            return null;
        }
    }
}
