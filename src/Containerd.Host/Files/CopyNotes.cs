namespace Containerd.Host.Files;

/// <summary>Items and attributes that a copy omits or cannot preserve, without failing.</summary>
internal enum CopyNote
{
    Socket,
    Vanished,
    KernelFileSystem,
    OwnerLost,
    AttributeLost,
    NotRunning,
    Ended,
    NotRemoved,
    Special,
}

/// <summary>Collects the notes of a copy, so that many of one kind become one sentence.</summary>
internal sealed class CopyNotes
{
    private readonly SortedDictionary<CopyNote, (string First, int Count)> _notes = [];

    internal void Add(CopyNote note, string about) =>
        _notes[note] = _notes.TryGetValue(note, out var old) ? (old.First, old.Count + 1) : (about, 1);

    /// <summary>One sentence for each kind.</summary>
    internal IEnumerable<string> Sentences()
    {
        foreach (var (note, (first, count)) in _notes)
        {
            var what = count > 1 ? $"'{first}' and {count - 1} more" : $"'{first}'";
            yield return note switch
            {
                CopyNote.Socket => $"Sockets are not copied: {what}.",
                CopyNote.Special => $"Sockets and devices are not part of the archive: {what}.",
                CopyNote.Vanished => $"These items were removed before they could be copied: {what}.",
                CopyNote.KernelFileSystem =>
                    $"File systems of the kernel were not copied: {what}. To copy their content, specify their paths.",
                CopyNote.OwnerLost => $"The owner of these items could not be preserved: {what}.",
                CopyNote.AttributeLost => $"Extended attributes of these items could not be preserved: {what}.",
                CopyNote.NotRunning => $"The container's task is not running, so the copy does not include its mounts: {what}.",
                CopyNote.Ended => $"The task of {what} exited during the copy: the content of its mounts may be missing.",
                _ => $"These items could not be removed: {what}.",
            };
        }
    }
}
