using Containerd.Client.Records;
using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Logs;

/// <summary>Removes the output of tasks and execs.</summary>
internal sealed class LogRemoval(RecordScope ns, LogFolders folders)
{
    private const string Removing = ".removing";

    /// <summary>Removes the files of an exec that never ran.</summary>
    internal void ForgetExec(CtrContainer container, string execId)
    {
        var folder = folders.AreLocal ? folders.Of(container) : "";
        if (!Directory.Exists(folder))
            return;
        foreach (var path in LogFolders.ExecFiles(folder, execId).Append(LogFolders.ExecInput(folder, execId)))
            File.Delete(path);
    }

    /// <summary>Removes the files of a task that never ran.</summary>
    internal void Forget(CtrContainer container, CtrTask task)
    {
        CloseInputs(task.Stdin);
        if (!folders.AreLocal)
            return;
        if (LogHelper.OptionsOf(task.Stdout) is { EachStart: true })
            ForgetUnwritten(container);
        else
            LogStart.Of(LogStart.In(folders.Of(container)), task)?.Delete();
    }

    /// <summary>Removes the empty files that a helper program created for a start that failed. There may be none.</summary>
    internal void ForgetUnwritten(CtrContainer container)
    {
        if (folders.AreLocal && LogStart.In(folders.Of(container)) is [.., { IsUnwritten: true } last])
            last.Delete();
    }

    /// <summary>Removes the output of a container's tasks.</summary>
    internal void Remove(CtrContainer container)
    {
        // For a remote daemon they are on its host, and not accessible.
        if (!folders.AreLocal)
            return;
        var folder = folders.Of(container);
        if (Directory.Exists(folder))
            PrivateTree.TryRemove(folder);
        // It does not exist, nor its folder, if the container had no output.
        if (File.Exists(folder + Removing))
            File.Delete(folder + Removing);
    }

    /// <summary>
    /// Records that a container is about to be removed. If the daemon or this process dies before the answer, the record is left beside the
    /// output, and <see cref="SweepAsync"/> removes both.
    /// </summary>
    internal void Condemn(CtrContainer container)
    {
        var folder = folders.AreLocal ? folders.Of(container) : "";
        if (!Directory.Exists(folder) || !OperatingSystem.IsLinux())
            return;
        try
        {
            TrustedFolder.Write(folder + Removing, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The container can still be removed.
        }
    }

    /// <summary>Removes the output of containers whose removal was interrupted, and that no longer exist.</summary>
    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!folders.AreLocal || !OperatingSystem.IsLinux())
            return;
        var parent = Path.Combine(folders.Root, ns.Namespace);
        if (!Directory.Exists(parent))
            return;
        try
        {
            foreach (var note in Directory.GetFiles(parent, "*" + Removing))
            {
                var folder = note[..^Removing.Length];
                var id = Path.GetFileName(folder).Split('~')[0];
                if (!await ExistsAsync(id, folder, cancellationToken).ConfigureAwait(false) && PrivateTree.TryRemove(folder))
                    File.Delete(note);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It belongs to another user, or another process is removing it.
        }
    }

    /// <summary>Whether the container of a folder still exists.</summary>
    private async Task<bool> ExistsAsync(string id, string folder, CancellationToken cancellationToken)
    {
        try
        {
            return folders.Of(await ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false)) == folder;
        }
        catch (CtrNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Removes a named pipe for the input of a task or exec.</summary>
    internal void CloseInputs(string stdin)
    {
        if (stdin.Length > 0 && folders.AreLocal && stdin.StartsWith(folders.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            File.Delete(stdin);
    }
}
