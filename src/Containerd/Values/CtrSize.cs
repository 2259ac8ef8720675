using System.Globalization;

namespace Containerd;

/// <summary>
/// A number of bytes. <c>512m</c>, <c>64KiB</c>, <c>1.5GB</c> and plain numbers convert to it; units are multiples of 1024, with or without
/// the i, like PowerShell's own <c>64MB</c>. -1 means no limit.
/// </summary>
public readonly struct CtrSize : IEquatable<CtrSize>, IComparable<CtrSize>, IComparable
{
    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Use a number of bytes, or a number with a unit such as 512m, 64KiB or 1.5GB; -1 means no limit.";

    private const string Units = "KMGTPE";

    /// <summary>Creates a size from a number of bytes.</summary>
    /// <param name="bytes">The bytes; -1 for no limit.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidSize</c>: a negative number other than -1.</exception>
    public CtrSize(long bytes)
    {
        if (bytes < -1)
            throw Invalid(bytes.ToString(CultureInfo.InvariantCulture), "is negative", null);
        Bytes = bytes;
    }

    /// <summary>Creates a size from a number of bytes.</summary>
    /// <param name="bytes">The bytes; -1 for no limit.</param>
    public CtrSize(int bytes)
        : this((long)bytes) { }

    /// <summary>
    /// Creates a size from a number of bytes, which PowerShell's arithmetic gives as a fraction; what is behind the point is cut off.
    /// </summary>
    /// <param name="bytes">The bytes; -1 for no limit.</param>
    public CtrSize(double bytes)
        : this(Whole(bytes)) { }

    /// <summary>The number of bytes; -1 for no limit.</summary>
    public long Bytes { get; }

    /// <summary>Whether this is -1, no limit.</summary>
    public bool IsUnlimited => Bytes == -1;

    /// <summary>Reads a size.</summary>
    /// <param name="text">
    /// A number with an optional unit: b, k, m, g, t, p, e, each also with b or ib behind it, in any case; or -1.
    /// </param>
    /// <returns>The size.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSize</c>: the text is no size, or too large for 63 bits.</exception>
    public static CtrSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.AsSpan().Trim();
        if (trimmed is "-1")
            return new CtrSize(-1L);
        var digits = trimmed.IndexOfAnyExceptInRange('.', '9');
        var number = digits < 0 ? trimmed : trimmed[..digits];
        var unit = digits < 0 ? [] : trimmed[digits..].TrimStart();
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || number.EndsWith("."))
            throw Invalid(text, trimmed.StartsWith("-") ? "is negative" : "is not a size", null);

        var factor = 1m;
        if (!unit.IsEmpty && !unit.Equals("b", StringComparison.OrdinalIgnoreCase))
        {
            var power = Units.IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1;
            var rest = unit[1..];
            if (
                power == 0
                || !(
                    rest.IsEmpty
                    || rest.Equals("b", StringComparison.OrdinalIgnoreCase)
                    || rest.Equals("ib", StringComparison.OrdinalIgnoreCase)
                )
            )
                throw Invalid(text, "has an unknown unit", null);
            for (var i = 0; i < power; i++)
                factor *= 1024;
        }
        try
        {
            return new CtrSize(decimal.ToInt64(decimal.Truncate(value * factor)));
        }
        catch (OverflowException e)
        {
            throw Invalid(text, "is too large", e);
        }
    }

    /// <summary>The number of bytes, where a number is asked for.</summary>
    /// <param name="size">The size.</param>
    public static implicit operator long(CtrSize size) => size.Bytes;

    /// <summary>The number of bytes.</summary>
    /// <returns>The bytes; -1 for no limit.</returns>
    public long ToInt64() => Bytes;

    /// <inheritdoc/>
    public bool Equals(CtrSize other) => Bytes == other.Bytes;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CtrSize other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Bytes.GetHashCode();

    /// <summary>Compares two sizes; no limit is more than any number.</summary>
    /// <param name="other">The other size.</param>
    /// <returns>Less than, equal to or more than 0.</returns>
    public int CompareTo(CtrSize other) => unchecked((ulong)Bytes).CompareTo(unchecked((ulong)other.Bytes));

    /// <summary>Compares with another size or a number of bytes.</summary>
    /// <param name="obj">The other.</param>
    /// <returns>Less than, equal to or more than 0.</returns>
    public int CompareTo(object? obj) =>
        obj switch
        {
            null => 1,
            CtrSize size => CompareTo(size),
            long number => CompareTo(new CtrSize(number)),
            int number => CompareTo(new CtrSize(number)),
            double number => CompareTo(new CtrSize(number)),
            _ => throw new ArgumentException($"A size cannot be compared with {obj.GetType().Name}.", nameof(obj)),
        };

    /// <summary>Whether two sizes are the same.</summary>
    /// <param name="left">One size.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(CtrSize left, CtrSize right) => left.Equals(right);

    /// <summary>Whether two sizes differ.</summary>
    /// <param name="left">One size.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(CtrSize left, CtrSize right) => !left.Equals(right);

    /// <summary>Whether one size is less than another.</summary>
    /// <param name="left">One size.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(CtrSize left, CtrSize right) => left.CompareTo(right) < 0;

    /// <summary>Whether one size is more than another.</summary>
    /// <param name="left">One size.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(CtrSize left, CtrSize right) => left.CompareTo(right) > 0;

    /// <summary>Whether one size is at most another.</summary>
    /// <param name="left">One size.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(CtrSize left, CtrSize right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one size is at least another.</summary>
    /// <param name="left">One size.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(CtrSize left, CtrSize right) => left.CompareTo(right) >= 0;

    /// <summary>
    /// The size for people: the largest unit that gives at least 1, with at most two digits behind the point. <see cref="Bytes"/> is the
    /// exact number.
    /// </summary>
    /// <returns>A text such as <c>512MiB</c> or <c>1.5GiB</c>, which <see cref="Parse"/> reads.</returns>
    public override string ToString()
    {
        if (Bytes < 1024)
            return IsUnlimited ? "-1" : string.Create(CultureInfo.InvariantCulture, $"{Bytes}B");
        var value = (decimal)Bytes;
        var power = 0;
        // 1023.995 would round to 1024 of a unit.
        for (; power < Units.Length && decimal.Round(value, 2) >= 1024; power++)
            value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##}{Units[power - 1]}iB");
    }

    private static long Whole(double bytes) =>
        double.IsFinite(bytes) && bytes > -2 && bytes < 9.2e18
            ? (long)bytes
            : throw Invalid(bytes.ToString(CultureInfo.InvariantCulture), bytes < 0 ? "is negative" : "is too large", null);

    private static CtrArgumentException Invalid(string text, string what, Exception? cause) =>
        new($"The size '{text}' {what}. {Form}", cause) { ErrorId = ErrorIds.InvalidSize, Subject = text };
}
