using System.Globalization;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Attachments;

namespace Containerd.Helper.Verbs;

/// <summary>Removes what containers that no longer run left behind. The argument is the process id of the daemon, or 0.</summary>
internal sealed class NetworkSweepVerb : Verb
{
    internal override string Name => HelperContract.NetworkSweepVerb;

    internal override int Run(string[] arguments)
    {
        if (arguments is not [var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var daemon))
            return WrongArguments;
        return StandardStreams.Write(NetworkPrograms.Sweep(StandardStreams.Read(), daemon).Write()) ? 0 : 1;
    }
}
