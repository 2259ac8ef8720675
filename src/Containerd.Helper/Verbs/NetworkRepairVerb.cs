using System.Globalization;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Attachments;

namespace Containerd.Helper.Verbs;

/// <summary>Adds the missing rules of containers that run. The argument is the process id of the daemon, or 0.</summary>
internal sealed class NetworkRepairVerb : Verb
{
    internal override string Name => HelperContract.NetworkRepairVerb;

    internal override int Run(string[] arguments)
    {
        if (arguments is not [var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var daemon))
            return WrongArguments;
        return StandardStreams.Write(NetworkPrograms.Repair(StandardStreams.Read(), daemon).Write()) ? 0 : 1;
    }
}
