using System.Text;

namespace Containerd.Logger;

/// <summary>
/// A logging binary of containerd's (<c>binary://</c>): its shim starts one per task, with the task's standard output as descriptor 3,
/// standard error as 4, and a
/// pipe as 5 that is closed to say that all is ready. Arguments are the URI's one query parameter, its name and its value.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not ["log", var text] || LogSettings.Read(text) is not { } settings)
            return 2;
        try
        {
            // The folder that the shim is in goes with the task.
            Libc.ChangeFolder("/");
            var files = new LogFiles(settings);
            var requests = Libc.OpenToPoll(settings.Path + ".sync");
            // The runtime opens them only when all is ready.
            if (settings.Owner is var (uid, gid))
            {
                Libc.SetOwner(Libc.Stdout, uid, gid);
                Libc.SetOwner(Libc.Stderr, uid, gid);
            }

            // With a task's deletion the shim closes its ends of the pipes, and asks its logger to end too, when the last bytes may still
            // be in them.
            Libc.IgnoreTermination();
            Libc.Close(Libc.Ready);
            new LogPump(files, requests, settings.Terminal).Run();
            return 0;
        }
        catch (IOException e)
        {
            // Nobody sees this program's standard error: who started the task looks here.
            Libc.Write(Libc.OpenToAppend(settings.Path + ".error"), Encoding.UTF8.GetBytes(e.Message));
            return 1;
        }
    }
}
