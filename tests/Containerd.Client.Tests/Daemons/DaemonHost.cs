using System.Runtime.CompilerServices;

namespace Containerd.Client.Tests.Daemons;

/// <summary>Turns this program into one that starts a daemon and stays, when its first argument says so.</summary>
internal static class DaemonHost
{
    public const string Verb = "--host-a-daemon";

#pragma warning disable CA2255 // An application's own module initializer: the runner's Main is generated.
    [ModuleInitializer]
    internal static void Run()
#pragma warning restore CA2255
    {
        if (Environment.GetCommandLineArgs() is not [_, Verb, var name, var attachment])
            return;
        CtrDaemons.StartAsync(new CtrDaemonOptions { Name = name, Detached = attachment == "detached" }).GetAwaiter().GetResult();
        Thread.Sleep(Timeout.Infinite);
    }
}
