using System.Globalization;

namespace Containerd.Host.Networks.Configuration;

/// <summary>A version of the CNI specification.</summary>
internal readonly record struct CniVersion(int Major, int Minor, int Patch) : IComparable<CniVersion>
{
    /// <summary>The oldest version whose results have the form that the module reads.</summary>
    internal static readonly CniVersion Lowest = new(0, 3, 0);

    /// <summary>The newest version that the module knows.</summary>
    internal static readonly CniVersion Highest = new(1, 1, 0);

    /// <summary>The version since which DEL gets the result of ADD.</summary>
    internal static readonly CniVersion ResultForDelete = new(0, 4, 0);

    /// <inheritdoc/>
    public int CompareTo(CniVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    /// <summary>Reads a version; null if the text is none.</summary>
    internal static CniVersion? Read(string? text) =>
        text?.Split('.') is [var major, var minor, var patch]
        && TryNumber(major, out var first)
        && TryNumber(minor, out var second)
        && TryNumber(patch, out var third)
            ? new CniVersion(first, second, third)
            : null;

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
