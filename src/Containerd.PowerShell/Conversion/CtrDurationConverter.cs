namespace Containerd.PowerShell;

/// <summary>Converts to lengths of time: <c>7d</c>, <c>10s</c> and <c>500us</c> with or without quotes, seconds, a TimeSpan.</summary>
public sealed class CtrDurationConverter : CtrValueConverter<CtrDuration>
{
    private protected override string Noun => "a length of time";

    private protected override string Form =>
        "Use a number of seconds, a TimeSpan, or a string such as 10s, 1m30s, 500ms or 7d; -1 means no limit.";

    private protected override string ErrorId => ErrorIds.InvalidDuration;

    private protected override string ValueProperty => nameof(CtrDuration.TimeSpan);

    private protected override CtrDuration Parse(string text) => CtrDuration.Parse(text);

    private protected override CtrDuration FromNumber(double number) => new(number);

    private protected override CtrDuration FromWholeNumber(long number) => new(number);

    private protected override CtrDuration? FromObject(object value) => value is TimeSpan time ? new CtrDuration(time) : null;

    private protected override bool IsPlainNumber(string text) => TypedNumber.IsOtherNotation(text);
}
