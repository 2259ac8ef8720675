namespace Containerd.PowerShell;

/// <summary>
/// Converts to sizes: <c>512m</c>, <c>64KiB</c> and PowerShell's own <c>64MB</c> with or without quotes, and numbers of bytes.
/// </summary>
public sealed class CtrSizeConverter : CtrValueConverter<CtrSize>
{
    /// <summary>PowerShell's own multipliers, which the number already includes.</summary>
    private static readonly string[] Multipliers = ["kb", "mb", "gb", "tb", "pb"];

    private protected override string Noun => "a size";

    private protected override string Form =>
        "Use a number of bytes, or a number with a unit such as 512m, 64KiB or 1.5GB; -1 means no limit.";

    private protected override string ErrorId => ErrorIds.InvalidSize;

    private protected override string ValueProperty => nameof(CtrSize.Bytes);

    private protected override CtrSize Parse(string text) => CtrSize.Parse(text);

    private protected override CtrSize FromNumber(double number) => new(number);

    private protected override CtrSize FromWholeNumber(long number) => new(number);

    private protected override CtrSize? FromObject(object value) => null;

    private protected override bool IsPlainNumber(string text) =>
        TypedNumber.IsOtherNotation(
            Array.Exists(Multipliers, m => text.EndsWith(m, StringComparison.OrdinalIgnoreCase)) ? text[..^2] : text
        );
}
