using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The progress of a checkpoint's archive as PowerShell shows it, a few times a second.</summary>
internal sealed class CheckpointProgressView(string path, Action<ProgressRecord> show) : IProgress<CheckpointProgress>
{
    private const int Activity = 2;
    private const long IntervalMilliseconds = 200;

    private readonly string _title = $"Checkpoint {System.IO.Path.GetFileName(path)}";
    private long _next;
    private bool _shown;

    public void Report(CheckpointProgress value)
    {
        var now = Environment.TickCount64;
        if (now < _next)
            return;
        _next = now + IntervalMilliseconds;
        _shown = true;
        show(
            new ProgressRecord(Activity, _title, value.Packing ? "Writing the archive" : "Reading the archive")
            {
                CurrentOperation = $"{value.Item}: {new CtrSize(value.Done)} of {new CtrSize(value.Total)}",
                PercentComplete = value.Total > 0 ? (int)Math.Min(100, value.Done * 100 / value.Total) : -1,
            }
        );
    }

    /// <summary>The final record, if there was a first one.</summary>
    internal ProgressRecord? Completed() => _shown ? new(Activity, _title, "Done") { RecordType = ProgressRecordType.Completed } : null;
}
