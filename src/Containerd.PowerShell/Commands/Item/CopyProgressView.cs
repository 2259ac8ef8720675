using System.Management.Automation;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>The progress of a copy in PowerShell, a few times a second. A fast copy shows no progress.</summary>
internal sealed class CopyProgressView(string item, Action<ProgressRecord> show) : IProgress<CopyProgress>
{
    private const int Activity = 3;
    private const long IntervalMilliseconds = 200;

    private readonly string _title = $"Copying {item}";
    private long _next = Environment.TickCount64 + IntervalMilliseconds;
    private bool _shown;

    public void Report(CopyProgress value)
    {
        var now = Environment.TickCount64;
        if (now < _next)
            return;
        _next = now + IntervalMilliseconds;
        _shown = true;
        var done = new CtrSize(value.Done);
        show(
            new ProgressRecord(Activity, _title, value.Total > 0 ? $"{done} of {new CtrSize(value.Total)}" : $"{value.Items} items, {done}")
            {
                CurrentOperation = value.Item,
                PercentComplete = value.Total > 0 ? (int)Math.Min(100, value.Done * 100 / value.Total) : -1,
            }
        );
    }

    /// <summary>The final record, if there was a first one.</summary>
    internal ProgressRecord? Completed() => _shown ? new(Activity, _title, "Done") { RecordType = ProgressRecordType.Completed } : null;
}
