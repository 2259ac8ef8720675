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
                CopyNote.Vanished => $"These were gone before they could be copied: {what}.",
                CopyNote.KernelFileSystem =>
                    $"These are the kernel's own file systems, and were left empty: {what}. Name one itself to copy what is in it.",
                CopyNote.OwnerLost => $"The owner could not be kept of {what}.",
                CopyNote.AttributeLost => $"Extended attributes could not be kept of {what}.",
                CopyNote.NotRunning => $"The container's task does not run, so what it mounts is not in the copy: {what}.",
                CopyNote.Ended => $"The task of {what} ended meanwhile: what it had mounted may be missing in the copy.",
                _ => $"This could not be removed again: {what}.",
            };
        }
    }
}
