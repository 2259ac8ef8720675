using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>An import's progress as PowerShell shows it, a few times a second.</summary>
internal sealed class ImportProgress(string file, Action<ProgressRecord> show) : IProgress<ImageProgress>
{
    private const int Activity = 1;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly string _title = $"Importing {System.IO.Path.GetFileName(file)}";
    private long _next;

    public void Report(ImageProgress value)
    {
        var now = Environment.TickCount64;
        if (now < _next) return;
        _next = now + (long)Interval.TotalMilliseconds;
        var reading = value.Stage == ImageProgressStage.Reading;
        show(new ProgressRecord(Activity, _title, reading ? "Reading the archive" : $"Unpacking layer {Math.Min(value.Done + 1, value.Total)} of {value.Total}")
        {
            CurrentOperation = reading && value.Total > 0 ? $"{new CtrSize(value.Done)} of {new CtrSize(value.Total)}" : value.Item,
            PercentComplete = value.Total > 0 ? (int)Math.Min(100, value.Done * 100 / value.Total) : -1,
        });
    }

    public ProgressRecord Completed() => new(Activity, _title, "Done") { RecordType = ProgressRecordType.Completed };
}
