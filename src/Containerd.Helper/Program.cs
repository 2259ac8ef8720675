using System.Runtime.Versioning;
using Containerd.Helper.Verbs;

[assembly: SupportedOSPlatform("linux")]

namespace Containerd.Helper;

/// <summary>
/// The module's native program: <c>containerd-helper VERB ARGUMENT…</c>. Each verb is a class in the folder Verbs, and is listed here.
/// A shim that starts it as a logging binary passes the query of the URI as arguments: <c>binary:///path?log=TEXT</c> becomes
/// <c>log TEXT</c>, so the name of the parameter is the verb.
/// </summary>
internal static class Program
{
    private const int UnknownVerb = 2;

    private static readonly Verb[] Verbs =
    [
        new LogVerb(),
        new VersionVerb(),
        new NetworkCreateVerb(),
        new NetworkRemoveVerb(),
        new NetworkSweepVerb(),
        new NetworkChangeVerb(),
        new NetworkRepairVerb(),
    ];

    private static int Main(string[] arguments)
    {
        if (arguments is [var name, .. var rest])
        {
            foreach (var verb in Verbs)
            {
                if (verb.Name == name)
                    return verb.Run(rest);
            }
        }

        return UnknownVerb;
    }
}
