using System.Globalization;
using Containerd.Client.Records;
using Containerd.Host.Logs;

namespace Containerd.Client.Workloads.Logs;

/// <summary>The streams of the last start of a container, as options for its next start.</summary>
internal sealed class FormerStreams(LogFolders folders)
{
    /// <summary>Finds them.</summary>
    /// <param name="container">The container.</param>
    /// <param name="task">The task of its last start; null if it no longer has one.</param>
    /// <returns>The options.</returns>
    /// <exception cref="CtrNotSupportedException">The streams cannot be created again (StreamsNotKnown).</exception>
    internal TaskStartOptions Of(CtrContainer container, CtrTask? task)
    {
        if (task is null)
            return OfEnded(container);
        var start = new TaskStartOptions();
        if (task.Stdin.Length > 0)
        {
            if (!folders.AreLocal || Path.GetDirectoryName(task.Stdin) != folders.Of(container))
                throw NotKnown(container, $"its standard input comes from '{task.Stdin}'");
            start = start with { WithStdin = true };
        }

        if (task.Stdout is "" or StreamAddress.Nowhere)
            return start with { NoLog = true };
        if (LogHelper.OptionsOf(task.Stdout) is { } written)
            return Timestamped(start, written);
        var made = folders.AreLocal ? LogStart.Of(LogStart.In(folders.Of(container)), task) : null;
        return made is null ? throw NotKnown(container, $"its output goes to '{task.Stdout}'") : start with { LogPath = made.Target };
    }

    /// <summary>Only the files of the last start remain, as after a reboot.</summary>
    private TaskStartOptions OfEnded(CtrContainer container)
    {
        if (!folders.AreLocal)
            throw NotKnown(container, "it has no task");
        var folder = folders.Of(container);
        if (LogStart.In(folder) is not [.., var last])
            return new TaskStartOptions();
        if (container.Labels.TryGetValue(ContainerLabels.RestartLogUri, out var uri) && LogHelper.OptionsOf(uri) is { } written)
            return Timestamped(new TaskStartOptions(), written);
        if (last.Records is not null)
            throw NotKnown(container, "it has no task, and the limits of its timestamped log are stored with the task");
        var input = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{last.Number}.stdin"));
        return new TaskStartOptions { LogPath = last.Target, WithStdin = File.Exists(input) };
    }

    private static TaskStartOptions Timestamped(TaskStartOptions start, LogWriterOptions written) =>
        start with
        {
            LogFormat = CtrLogFormat.Timestamped,
            LogMaxSize = written.MaxSize > 0 ? written.MaxSize : null,
            LogMaxFiles = written.MaxSize > 0 ? written.MaxFiles : null,
        };

    private static CtrNotSupportedException NotKnown(CtrContainer container, string why) =>
        new($"The container '{container}' cannot be restarted with the same streams: {why}.")
        {
            ErrorId = ErrorIds.StreamsNotKnown,
            Subject = container.ContainerId,
            Remedy = "Stop its task, and start it with the streams that it is to have.",
        };
}
