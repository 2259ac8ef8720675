namespace Containerd.PowerShell;

/// <summary>Converts to points in time: times, and lengths of time that count back from now, with or without quotes.</summary>
public sealed class CtrMomentConverter : CtrValueConverter<CtrMoment>
{
    private protected override string Noun => "a time";

    private protected override string Form =>
        "Use a time such as '2026-05-06 07:08', or the length of time before now, such as 10m, 7d or a TimeSpan.";

    private protected override string ErrorId => ErrorIds.InvalidTime;

    private protected override string ValueProperty => nameof(CtrMoment.Time);

    private protected override CtrMoment Parse(string text) => CtrMoment.Parse(text);

    private protected override CtrMoment FromNumber(double number) => new(new CtrDuration(number));

    private protected override CtrMoment FromWholeNumber(long number) => new(new CtrDuration(number));

    private protected override CtrMoment? FromObject(object value) =>
        value switch
        {
            DateTime time => new CtrMoment(time),
            DateTimeOffset time => new CtrMoment(time),
            TimeSpan ago => new CtrMoment(ago),
            CtrDuration ago => new CtrMoment(ago),
            _ => null,
        };

    private protected override bool IsPlainNumber(string text) => TypedNumber.IsOtherNotation(text);
}
