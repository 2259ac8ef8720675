using System.Globalization;
using Containerd.Client.Workloads.Options;
using Containerd.Host.Files;
using Containerd.Host.Helpers;
using Containerd.Host.Logs;
using Containerd.Host.Native;

namespace Containerd.Client.Workloads.Logs;

/// <summary>Creates the files for the output of a start or an exec, before containerd opens them.</summary>
internal sealed class LogPreparation(LogFolders folders)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Rejects what cannot be prepared, before anything is changed.</summary>
    /// <exception cref="CtrConflictException">LogNotEmpty.</exception>
    internal static void Require(TaskStartOptions start, bool terminal)
    {
        start.Require(terminal);
        if (terminal && start.LogPath is string own && new FileInfo(own) is { Exists: true, Length: > 0 })
            throw new CtrConflictException($"'{own}' is not empty, and containerd overwrites the file with a terminal's output.")
            {
                ErrorId = ErrorIds.LogNotEmpty,
                Subject = own,
                Remedy = "Use another file, or omit the path: by default the output of each start has its own file.",
            };
    }

    /// <summary>Creates the files for the next start of a container.</summary>
    internal LogFiles Prepare(CtrContainer container, TaskStartOptions start, bool terminal)
    {
        Require(start, terminal);
        var made = new List<string>();
        try
        {
            // Without streams, they are null; with input or a terminal, the shim requires an output and its start never ends without one.
            if (start.NoLog && !start.WithStdin)
                return terminal ? new LogFiles { StdoutPath = StreamAddress.Nowhere } : new LogFiles();
            var folder = folders.Open(container);
            var number = LogStart.In(folder).Select(s => s.Number).DefaultIfEmpty().Max() + 1;
            var prefix = Path.Combine(folder, number.ToString(CultureInfo.InvariantCulture));
            string Named(string what) => $"{prefix}.{what}";

            var stdin = "";
            if (start.WithStdin)
            {
                stdin = Named("stdin");
                // For a start whose task disappeared, as after a reboot; a start without a log leaves nothing else.
                File.Delete(stdin);
                Libc.MakeFifo(stdin);
                made.Add(stdin);
            }

            if (start.NoLog)
                return new LogFiles
                {
                    StdinPath = stdin,
                    StdoutPath = StreamAddress.Nowhere,
                    StderrPath = terminal ? "" : StreamAddress.OtherName(StreamAddress.Nowhere),
                    Made = made,
                };
            if (start.LogPath is string own)
            {
                if (OutputFile.TryCreate(own) is { } created)
                    made.Add(created);
                var link = Named("stdout");
                File.CreateSymbolicLink(link, own);
                made.Add(link);
                // containerd interprets a path as a URI.
                var path = own.Contains('%', StringComparison.Ordinal) ? link : own;
                return new LogFiles
                {
                    StdinPath = stdin,
                    StdoutPath = path,
                    StderrPath = terminal ? "" : StreamAddress.OtherName(path),
                    Made = made,
                };
            }

            if (start.LogFormat == CtrLogFormat.Timestamped)
            {
                var options = WriterOf(container, start, terminal, start.EachStart ? folder + Path.DirectorySeparatorChar : prefix);
                var (helperRoot, helperFolder) = folders.Helper;
                var uri = LogHelper.Uri(LogHelper.Install(helperRoot, helperFolder, out var isNew), options);
                if (!options.EachStart)
                {
                    Create(LogPaths.PartOf(prefix, 1));
                    made.Add(LogPaths.PartOf(prefix, 1));
                    Libc.MakeFifo(LogPaths.RequestsOf(prefix));
                    made.Add(LogPaths.RequestsOf(prefix));
                }

                // containerd passes both streams to the program that the first one names.
                return new LogFiles
                {
                    StdinPath = stdin,
                    StdoutPath = uri,
                    StderrPath = terminal ? "" : uri,
                    HelperIsNew = isNew,
                    Writer = options,
                    Former = number - 1,
                    Made = made,
                };
            }

            var stdout = Named("stdout");
            Create(stdout);
            made.Add(stdout);
            var stderr = terminal ? "" : Named("stderr");
            if (stderr.Length > 0)
            {
                Create(stderr);
                made.Add(stderr);
            }

            return new LogFiles
            {
                StdinPath = stdin,
                StdoutPath = stdout,
                StderrPath = stderr,
                Made = made,
            };
        }
        catch (Exception e)
        {
            made.ForEach(File.Delete);
            if (e is IOException or UnauthorizedAccessException)
                throw NotWritable(container, start.LogPath, e);
            throw;
        }
    }

    /// <summary>The logger for the starts of a container that the restart monitor starts, as a URI.</summary>
    internal string ForRestarts(CtrContainer container, TaskStartOptions start, bool terminal)
    {
        try
        {
            var writer = WriterOf(container, start, terminal, folders.Open(container) + Path.DirectorySeparatorChar);
            return LogHelper.Uri(LogHelper.Install(folders.Helper.Root, folders.Helper.Folder), writer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(container, null, e);
        }
    }

    /// <summary>Requires that the helper program of a created task runs.</summary>
    /// <exception cref="CtrRuntimeException">LoggerFailed.</exception>
    internal static void RequireWriter(CtrContainer container, LogFiles log)
    {
        if (log.Writer is not { } writer)
            return;
        var prefix = writer.EachStart ? LogStart.In(writer.Prefix).LastOrDefault(s => s.Number > log.Former)?.Records : writer.Prefix;
        if (prefix is null || !LogHelper.Runs(prefix))
            throw LogHelper.Failed(container.ContainerId, prefix ?? writer.Prefix);
    }

    /// <summary>Explains a start that failed: perhaps the helper program that writes its log can no longer be executed.</summary>
    /// <exception cref="CtrNotSupportedException">HelperNotExecutable.</exception>
    internal void CheckHelper(LogFiles log)
    {
        if (OperatingSystem.IsLinux() && log.Writer is not null)
            new HelperInstaller(folders.Helper.Root, folders.Helper.Folder).Check();
    }

    /// <summary>Creates the files of a detached exec, and the named pipe of its input if it has one.</summary>
    internal LogFiles PrepareExec(CtrContainer container, string execId, bool withStdin, bool terminal)
    {
        var made = new List<string>();
        try
        {
            var folder = folders.Open(container);
            var files = LogFolders.ExecFiles(folder, execId);
            var stdin = LogFolders.ExecInput(folder, execId);
            // Left by a removed exec with this id.
            foreach (var stale in files.Append(stdin))
                File.Delete(stale);
            var stdout = files[0];
            Create(stdout);
            made.Add(stdout);
            var stderr = terminal ? "" : files[1];
            if (stderr.Length > 0)
            {
                Create(stderr);
                made.Add(stderr);
            }

            if (withStdin)
            {
                Libc.MakeFifo(stdin);
                made.Add(stdin);
            }

            return new LogFiles
            {
                StdinPath = withStdin ? stdin : "",
                StdoutPath = stdout,
                StderrPath = stderr,
                Made = made,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            made.ForEach(File.Delete);
            throw NotWritable(container, null, e);
        }
    }

    private static LogWriterOptions WriterOf(CtrContainer container, TaskStartOptions start, bool terminal, string prefix) =>
        new(start.LogMaxSize ?? 0, start.LogMaxFiles ?? LogHelper.DefaultMaxFiles, terminal, MappedStreams.RootOf(container.Spec), prefix);

    private static CtrPermissionException NotWritable(CtrContainer container, string? path, Exception cause) =>
        new($"The files for the output of container '{container.ContainerId}' could not be created: {cause.Message}", cause)
        {
            ErrorId = ErrorIds.LogNotWritable,
            Subject = path ?? container.ContainerId,
            Remedy = "Use another path for the log, or start the task without a log.",
        };

    private static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        new FileStream(path, options).Dispose();
    }
}
