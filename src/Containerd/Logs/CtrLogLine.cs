using System.Globalization;

namespace Containerd;

/// <summary>
/// A line that a process in a container wrote. It converts to a string where one is expected, and compares like a string in PowerShell:
/// ignoring case.
/// </summary>
[PipelineObject(nameof(ContainerId), nameof(Stream), nameof(Time), nameof(Text), Key = new[] { nameof(Text) }, Depth = 1)]
public sealed class CtrLogLine : CtrContainerObject, IEquatable<CtrLogLine>, IComparable<CtrLogLine>, IComparable
{
    /// <summary>The line as the process wrote it, without its line ending; with -Timestamps, after the time.</summary>
    public string Text { get; set; } = "";

    /// <summary>The standard stream that the line came from.</summary>
    public CtrOutput Stream { get; set; }

    /// <summary>The time at which the line was written, in local time; null if the log has no timestamps.</summary>
    public DateTime? Time { get; set; }

    /// <summary>The number of the container's start that wrote the line, counted from 1.</summary>
    public int Start { get; set; }

    /// <summary>The text of a line.</summary>
    /// <param name="line">The line.</param>
    public static implicit operator string(CtrLogLine? line) => line?.Text ?? "";

    /// <summary>The text of a line with text behind it, as for strings.</summary>
    /// <param name="left">The line.</param>
    /// <param name="right">What comes behind it.</param>
    public static string operator +(CtrLogLine? left, object? right) => left?.Text + Convert.ToString(right, CultureInfo.InvariantCulture);

    /// <summary>The text of a line with text behind it, as for strings.</summary>
    /// <param name="left">The line.</param>
    /// <param name="right">What comes behind it.</param>
    /// <returns>Both texts.</returns>
    public static string Add(CtrLogLine? left, object? right) => left + right;

    /// <summary>The text.</summary>
    /// <returns>The line as the process wrote it.</returns>
    public override string ToString() => Text;

    /// <inheritdoc/>
    public bool Equals(CtrLogLine? other) => other is not null && Same(other.Text);

    /// <summary>Whether the text is the same, ignoring case, as that of a text, a number or another line.</summary>
    /// <param name="obj">A text, a number or a line.</param>
    /// <returns>True if it is.</returns>
    public override bool Equals(object? obj) =>
        obj switch
        {
            CtrLogLine line => Same(line.Text),
            IConvertible value => Same(value.ToString(CultureInfo.InvariantCulture)),
            _ => false,
        };

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Text);

    /// <inheritdoc/>
    public int CompareTo(CtrLogLine? other) => Compare(other?.Text);

    /// <summary>Compares the text with a text or with that of another line, ignoring case.</summary>
    /// <param name="obj">A text or a line.</param>
    /// <returns>Less than, equal to or more than 0.</returns>
    public int CompareTo(object? obj) => Compare(obj?.ToString());

    /// <summary>Whether two lines have the same text.</summary>
    /// <param name="left">One line.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(CtrLogLine? left, CtrLogLine? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two lines have different texts.</summary>
    /// <param name="left">One line.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(CtrLogLine? left, CtrLogLine? right) => !(left == right);

    /// <summary>Whether one line comes before another.</summary>
    /// <param name="left">One line.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(CtrLogLine? left, CtrLogLine? right) => left is null ? right is not null : left.CompareTo(right) < 0;

    /// <summary>Whether one line comes after another.</summary>
    /// <param name="left">One line.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(CtrLogLine? left, CtrLogLine? right) => right < left;

    /// <summary>Whether one line does not come after another.</summary>
    /// <param name="left">One line.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(CtrLogLine? left, CtrLogLine? right) => !(right < left);

    /// <summary>Whether one line does not come before another.</summary>
    /// <param name="left">One line.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(CtrLogLine? left, CtrLogLine? right) => !(left < right);

    private bool Same(string? text) => string.Equals(Text, text, StringComparison.OrdinalIgnoreCase);

    private int Compare(string? text) => string.Compare(Text, text, StringComparison.CurrentCultureIgnoreCase);
}
