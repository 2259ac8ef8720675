using Containerd.Client.Records;
using Containerd.Host.Helpers;

namespace Containerd.Client.Workloads.Logs;

/// <summary>Removes helper programs of earlier versions that no task or container of the daemon names any more.</summary>
internal sealed class HelperCleanup(RecordScope ns, LogFolders folders)
{
    /// <summary>Removes them. A program that cannot be examined or removed now stays until the next build is installed.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Other daemons can use a folder that the session names, and what they use is not known here.
        if (!OperatingSystem.IsLinux() || ns.Connection.HelperFolder is not null)
            return;
        var former = new FormerHelpers(folders.Helper.Folder);
        if (former.Names.Count == 0)
            return;
        try
        {
            var texts = await TextsAsync(cancellationToken).ConfigureAwait(false);
            former.Remove(name => texts.Exists(text => text.Contains(name, StringComparison.Ordinal)));
        }
        catch (Exception e) when (e is CtrException or IOException or UnauthorizedAccessException)
        {
            // The start of the task does not depend on it.
        }
    }

    /// <summary>
    /// The texts of the daemon that can name a program: the output of tasks, and the labels (of containerd's restart monitor) and specs of
    /// containers.
    /// </summary>
    private async Task<List<string>> TextsAsync(CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        foreach (var name in await ns.Daemon.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false))
        {
            var scope = new RecordScope(ns.Connection, name);
            foreach (var task in await scope.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false))
                texts.AddRange([task.Stdout, task.Stderr]);
            foreach (var container in await scope.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false))
            {
                texts.AddRange(container.Labels.Values);
                if (container.Spec is { } spec)
                    texts.Add(spec.ToJson(indented: false));
            }
        }

        return texts;
    }
}
