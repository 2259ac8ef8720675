using System.Globalization;
using Containerd.Host.Helpers;
using Containerd.Host.Networks.Attachments;

namespace Containerd.Helper.Verbs;

/// <summary>
/// Connects a container that runs to networks, or disconnects it. The argument is the process id of the daemon, or 0.
/// </summary>
internal sealed class NetworkChangeVerb : Verb
{
    internal override string Name => HelperContract.NetworkChangeVerb;

    internal override int Run(string[] arguments)
    {
        if (arguments is not [var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var daemon))
            return WrongArguments;
        return StandardStreams.Write(NetworkPrograms.Change(StandardStreams.Read(), daemon).Write()) ? 0 : 1;
    }
}
