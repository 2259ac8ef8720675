using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Undoes an attachment, as far as it was made. What cannot be undone stays recorded: the cache files, the pin and the record.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class Detachment
{
    /// <summary>Undoes an attachment. The caller holds the lock.</summary>
    /// <param name="folders">The daemon's folders.</param>
    /// <param name="attachment">The CNI container id.</param>
    /// <param name="budget">The time for it.</param>
    /// <returns>What could not be undone.</returns>
    internal static IReadOnlyList<CtrException> Undo(NetworkFolders folders, string attachment, TimeBudget budget)
    {
        var entries = CniCacheEntry.ReadAll(folders.Results, attachment);
        var record = AttachmentRecord.Read(folders.RecordOf(attachment));
        var pin = folders.PinOf(attachment);
        var netns = LibcNetworks.IsNamespace(pin) ? pin : null;
        var errors = new List<CtrException>();
        foreach (var entry in entries.OrderByDescending(e => e.Interface, StringComparer.Ordinal))
            errors.AddRange(CniChain.Detach(folders, entry, netns, budget));
        if (entries.Count > 0 && (netns is null || errors.Count > 0))
            LeftoverRules.Remove(LeftoverRules.Find(budget).Where(r => r.Container == attachment), budget);
        if (errors.Count > 0)
        {
            (record is null ? null : record with { FailedAt = DateTimeOffset.UtcNow.ToUnixTimeSeconds() })?.Write();
            return errors;
        }

        NetworkPin.Remove(pin);
        End(folders, attachment, record);
        if (record is not null)
            ContainerNames.Remove(record);
        return errors;
    }

    /// <summary>The record of a container that was attached is kept for its next start; any other one is removed.</summary>
    private static void End(NetworkFolders folders, string attachment, AttachmentRecord? record)
    {
        var file = folders.RecordOf(attachment);
        if (record is { Complete: true } && Directory.Exists(folders.Ended))
            File.Move(file, folders.EndedOf(attachment), overwrite: true);
        else
            LibcFiles.Delete(file);
    }
}
