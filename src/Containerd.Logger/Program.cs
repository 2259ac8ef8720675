using System.Text;

namespace Containerd.Logger;

/// <summary>
/// A logging binary of containerd's (<c>binary://</c>): its shim starts one for each task, with the task's standard output as descriptor 3,
/// standard error as 4, and a pipe as 5 that is closed when the logger is ready. Arguments are the URI's one query parameter, its name and
/// its value.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not ["log", var text] || LogSettings.Read(text) is not { } settings)
            return 2;
        try
        {
            // The shim's folder is removed with the task.
            Libc.ChangeFolder("/");
            var files = new LogFiles(settings);
            var requests = Libc.OpenToPoll(settings.Path + ".sync");
            // The runtime opens them only when the logger is ready.
            if (settings.Owner is var (uid, gid))
            {
                Libc.SetOwner(Libc.Stdout, uid, gid);
                Libc.SetOwner(Libc.Stderr, uid, gid);
            }

            // When a task is deleted, the shim closes its ends of the pipes, and asks its logger to exit too, although the last bytes may
            // still be in them.
            Libc.IgnoreTermination();
            Libc.Close(Libc.Ready);
            new LogPump(files, requests, settings.Terminal).Run();
            return 0;
        }
        catch (IOException e)
        {
            // The standard error of this program is not visible: the client that started the task reads this file.
            Libc.Write(Libc.OpenToAppend(settings.Path + ".error"), Encoding.UTF8.GetBytes(e.Message));
            return 1;
        }
    }
}
