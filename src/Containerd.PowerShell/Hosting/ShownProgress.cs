using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>The progress of work on one object, such as an archive, in PowerShell, a few times a second.</summary>
internal sealed class ShownProgress(string title, Action<ProgressRecord> show) : IProgress<ImageProgress>
{
    private const int Activity = 1;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private long _next;

    public void Report(ImageProgress value)
    {
        var now = Environment.TickCount64;
        if (now < _next)
            return;
        _next = now + (long)Interval.TotalMilliseconds;
        var next = Math.Min(value.Done + 1, value.Total);
        var (status, inBytes) = value.Stage switch
        {
            ImageProgressStage.Unpacking => ($"Unpacking layer {next} of {value.Total}", false),
            ImageProgressStage.Measuring => ($"Measuring snapshots: {value.Done} of {value.Total}", false),
            ImageProgressStage.Removing => ($"Removing: {value.Done} of {value.Total}", false),
            ImageProgressStage.Writing => ("Writing", true),
            ImageProgressStage.Comparing => ("Comparing content with its digests", true),
            _ => ("Reading", true),
        };
        show(
            new ProgressRecord(Activity, title, status)
            {
                CurrentOperation = inBytes && value.Total > 0 ? $"{new CtrSize(value.Done)} of {new CtrSize(value.Total)}" : value.Item,
                PercentComplete = value.Total > 0 ? (int)Math.Min(100, value.Done * 100 / value.Total) : -1,
            }
        );
    }

    public ProgressRecord Completed() => new(Activity, title, "Done") { RecordType = ProgressRecordType.Completed };
}
