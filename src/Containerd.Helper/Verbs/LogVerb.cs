using System.Text;
using Containerd.Helper.Log;
using Containerd.Host.Helpers;
using Containerd.Host.Logs;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Helper.Verbs;

/// <summary>
/// A logging binary of containerd (<c>binary://</c>): the shim starts one for each task, with the task's standard output as descriptor 3,
/// standard error as 4, and a pipe as 5, which is closed when the logger is ready.
/// </summary>
internal sealed class LogVerb : Verb
{
    private const int Stdout = 3;
    private const int Stderr = 4;
    private const int Ready = 5;

    internal override string Name => HelperContract.LogVerb;

    internal override int Run(string[] arguments)
    {
        if (arguments is not [var text] || LogWriterOptions.Read(text) is not { } options)
            return WrongArguments;
        try
        {
            // The shim's folder is deleted with the task.
            Require(LibcMounts.ChangeDirectory("/"), "chdir");
            using var stdout = new SafeFileHandle(Stdout, ownsHandle: false);
            using var stderr = new SafeFileHandle(Stderr, ownsHandle: false);
            // The runtime opens the pipes only after the logger is ready.
            if (options.Owner is var (uid, gid))
            {
                Require(-LibcFiles.SetOwner(stdout, uid, gid), "fchown");
                Require(-LibcFiles.SetOwner(stderr, uid, gid), "fchown");
            }

            // When a task is deleted, the shim closes its ends of the pipes and sends its logger SIGTERM, while the last bytes may still be
            // in the pipes.
            Libc.IgnoreTermination();
            if (!options.EachStart)
            {
                Pump(options, 0, stdout, stderr, ready: true);
                return 0;
            }

            // A service that is started again runs even if its log cannot be created, as on a full disk.
            var drain = new LogDrain(stdout, stderr, options.Terminal);
            var prefix = Create(options.Prefix);
            var isReady = prefix is null;
            if (isReady)
            {
                Tell();
                prefix = drain.Run(() => Create(options.Prefix));
            }

            if (prefix is not null)
                Pump(options with { Prefix = prefix }, drain.Lost, stdout, stderr, ready: !isReady);
            return 0;
        }
        catch (IOException e)
        {
            Record(options.Prefix, e);
            return 1;
        }
    }

    private static void Pump(LogWriterOptions options, long lost, SafeFileHandle stdout, SafeFileHandle stderr, bool ready)
    {
        using var writer = new LogWriter(options, lost);
        using var requests = Libc.OpenFifoToPoll(LogPaths.RequestsOf(options.Prefix));
        if (ready)
            Tell();
        new LogPump(writer, stdout, stderr, requests, options.Terminal).Run();
    }

    /// <summary>Tells the shim that the logger is ready.</summary>
    private static void Tell() => new SafeFileHandle(Ready, ownsHandle: true).Dispose();

    private static string? Create(string folder)
    {
        try
        {
            return NextLogStart.Create(folder);
        }
        catch (IOException e)
        {
            Record(folder, e);
            return null;
        }
    }

    /// <summary>The standard error of this program is not shown to anyone; the client reads this file.</summary>
    private static void Record(string prefix, IOException error)
    {
        try
        {
            var path = LogPaths.ErrorOf(prefix);
            LibcFiles.Delete(path);
            using var file = Libc.OpenToAppend(path);
            _ = LibcPoll.Write(file, Encoding.UTF8.GetBytes(error.Message));
        }
        catch (IOException)
        {
            // The folder was removed with the container, or its file system is full.
        }
    }

    private static void Require(int result, string call)
    {
        if (result < 0)
            throw new IOException($"{call} failed");
    }
}
