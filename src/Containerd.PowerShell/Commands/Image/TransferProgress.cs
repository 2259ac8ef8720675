using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>The progress of a pull or push in PowerShell: one bar for the total, and below it one for each blob in transfer.</summary>
/// <param name="activity">The title of the activity.</param>
/// <param name="cmdlet">The cmdlet that shows it.</param>
/// <param name="post">Runs an action on the pipeline's thread.</param>
internal sealed class TransferProgress(string activity, MessageCmdlet cmdlet, Action<Action> post) : IProgress<ImageProgress>
{
    // Ids apply to the whole pipeline; other cmdlets of the module use low ids. Parallel transfers have their own ids.
    private const int Room = 1000;
    private static int _transfers;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly int _parent = 20 + (Interlocked.Increment(ref _transfers) % Room * Room);
    private readonly object _lock = new();
    private readonly Dictionary<string, Blob> _blobs = new(StringComparer.Ordinal);
    private bool _isShown;
    private long _next;

    public void Report(ImageProgress value)
    {
        lock (_lock)
        {
            if (value.Stage == ImageProgressStage.Ended)
            {
                End();
                return;
            }

            if (value.Stage == ImageProgressStage.Unpacking)
            {
                if (!IsDue(value.Done == 0))
                    return;
                ShowAll(
                    $"Unpacking layer {Math.Min(value.Done + 1, value.Total)} of {value.Total}",
                    value.Total > 0 ? (int)(value.Done * 100 / value.Total) : -1
                );
                return;
            }

            if (!_blobs.TryGetValue(value.Item, out var blob))
                _blobs[value.Item] = blob = new Blob(_parent + 1 + _blobs.Count);
            (blob.Done, blob.Total) = (value.Done, value.Total);
            var ended = value.Total > 0 && value.Done >= value.Total;
            if (blob.IsShown && ended)
                Show(value, blob, ProgressRecordType.Completed);
            if (!IsDue(now: false))
                return;
            if (!ended)
                Show(value, blob, ProgressRecordType.Processing);
            var (done, total) = (_blobs.Values.Sum(b => b.Done), _blobs.Values.Sum(b => b.Total));
            ShowAll($"{new CtrSize(done)} of {new CtrSize(total)}", total > 0 ? (int)Math.Min(100, done * 100 / total) : -1);
        }
    }

    // Only bars that were shown: a pull of an existing image should not flash on the screen.
    private void End()
    {
        foreach (var blob in _blobs.Values.Where(b => b.IsShown))
            Write(new ProgressRecord(blob.Id, "Blob", "Done") { ParentActivityId = _parent, RecordType = ProgressRecordType.Completed });
        if (_isShown)
            Write(new ProgressRecord(_parent, activity, "Done") { RecordType = ProgressRecordType.Completed });
        _blobs.Clear();
        _isShown = false;
    }

    private void Show(ImageProgress value, Blob blob, ProgressRecordType type)
    {
        blob.IsShown = type == ProgressRecordType.Processing;
        Write(
            new ProgressRecord(
                blob.Id,
                $"{(value.Stage == ImageProgressStage.Uploading ? "Sending" : "Fetching")} {ShortName(value.Item)}",
                $"{new CtrSize(value.Done)} of {new CtrSize(value.Total)}"
            )
            {
                ParentActivityId = _parent,
                PercentComplete = value.Total > 0 ? (int)Math.Min(100, value.Done * 100 / value.Total) : -1,
                RecordType = type,
            }
        );
    }

    private void ShowAll(string status, int percent)
    {
        _isShown = true;
        Write(new ProgressRecord(_parent, activity, status) { PercentComplete = percent });
    }

    private void Write(ProgressRecord record) => post(() => cmdlet.WriteProgress(record));

    // Updates a few times a second are sufficient for users.
    private bool IsDue(bool now)
    {
        var time = Environment.TickCount64;
        if (time < _next && !now)
            return false;
        _next = time + (long)Interval.TotalMilliseconds;
        return true;
    }

    private static string ShortName(string digest) =>
        digest.Length >= 19 && digest.Contains(':', StringComparison.Ordinal) ? digest[..19] : digest;

    private sealed class Blob(int id)
    {
        public int Id => id;

        public long Done { get; set; }

        public long Total { get; set; }

        public bool IsShown { get; set; }
    }
}
