using System.Buffers.Binary;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Logs;

/// <summary>
/// Notifies waiters when a file is written to. All waiters share one inotify instance and one thread, because a user may have only a few
/// instances; if none is available, the file is polled.
/// </summary>
internal sealed class FileChange : IDisposable
{
    private static readonly object Gate = new();
    private static readonly Dictionary<int, List<FileChange>> Watched = [];
    private static readonly Lazy<SafeFileHandle?> Notifier = new(Start);
    private static readonly TimeSpan Now = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Then = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _changed = new(0);
    private readonly int _watch = -1;

    internal FileChange(string path)
    {
        if (Notifier.Value is not { } notifier)
            return;
        lock (Gate)
        {
            _watch = LibcWatch.AddWatch(notifier, path);
            if (_watch < 0)
                return;
            if (!Watched.TryGetValue(_watch, out var here))
                Watched[_watch] = here = [];
            here.Add(this);
        }
    }

    /// <summary>
    /// Waits until the file was written to, or closed by its writer, since the last wait; it may also end without a change.
    /// </summary>
    internal Task WaitAsync(CancellationToken cancellationToken) => _changed.WaitAsync(_watch < 0 ? Now : Then, cancellationToken);

    /// <summary>Ends the current wait, or the next one.</summary>
    internal void Wake()
    {
        lock (_changed)
        {
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    public void Dispose()
    {
        if (_watch < 0)
            return;
        lock (Gate)
        {
            var here = Watched[_watch];
            here.Remove(this);
            if (here.Count > 0)
                return;
            Watched.Remove(_watch);
            LibcWatch.RemoveWatch(Notifier.Value!, _watch);
        }
    }

    private static SafeFileHandle? Start()
    {
        if (!OperatingSystem.IsLinux() || LibcWatch.OpenNotifier() is not { } notifier)
            return null;
        new Thread(() => Listen(notifier)) { IsBackground = true, Name = "Log file changes" }.Start();
        return notifier;
    }

    private static void Listen(SafeFileHandle notifier)
    {
        const int Head = 16;
        const int AllWatches = -1;
        var events = new byte[64 * 1024];
        while (true)
        {
            int count;
            try
            {
                count = RandomAccess.Read(notifier, events, 0);
            }
            catch (IOException)
            {
                // Waiters also poll from time to time.
                return;
            }

            for (var at = 0; at + Head <= count; at += Head + BinaryPrimitives.ReadInt32LittleEndian(events.AsSpan(at + 12)))
            {
                var watch = BinaryPrimitives.ReadInt32LittleEndian(events.AsSpan(at));
                lock (Gate)
                {
                    // -1: the queue overflowed, and the lost events may concern any file.
                    foreach (var one in watch == AllWatches ? Watched.Values.SelectMany(w => w) : Watched.GetValueOrDefault(watch) ?? [])
                        one.Wake();
                }
            }
        }
    }
}
