using System.Text;
using Containerd.Host.Helpers;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Helper.Verbs;

/// <summary>Writes the version of the program, by which the client checks that the machine can run it.</summary>
internal sealed class VersionVerb : Verb
{
    private const int StandardOutput = 1;

    internal override string Name => HelperContract.VersionVerb;

    internal override int Run(string[] arguments)
    {
        var version = new HelperVersion(HelperContract.Number, typeof(VersionVerb).Assembly.GetName().Version!);
        using var output = new SafeFileHandle(StandardOutput, ownsHandle: false);
        return LibcPoll.Write(output, Encoding.UTF8.GetBytes(version + "\n")) > 0 ? 0 : 1;
    }
}
