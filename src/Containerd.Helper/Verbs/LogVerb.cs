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
            using var writer = new LogWriter(options);
            using var requests = Libc.OpenFifoToPoll(LogPaths.RequestsOf(options.Prefix));
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
            new SafeFileHandle(Ready, ownsHandle: true).Dispose();
            new LogPump(writer, stdout, stderr, requests, options.Terminal).Run();
            return 0;
        }
        catch (IOException e)
        {
            // The standard error of this program is not shown to anyone; the client reads this file.
            using var file = Libc.OpenToAppend(LogPaths.ErrorOf(options.Prefix));
            _ = LibcPoll.Write(file, Encoding.UTF8.GetBytes(e.Message));
            return 1;
        }
    }

    private static void Require(int result, string call)
    {
        if (result < 0)
            throw new IOException($"{call} failed");
    }
}
