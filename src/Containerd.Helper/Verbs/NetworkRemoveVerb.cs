using Containerd.Host.Helpers;
using Containerd.Host.Networks.Attachments;

namespace Containerd.Helper.Verbs;

/// <summary>
/// The hook poststop of a container with networks: detaches it. It never fails, because the runtime would keep the container.
/// </summary>
internal sealed class NetworkRemoveVerb : Verb
{
    internal override string Name => HelperContract.NetworkRemoveVerb;

    internal override int Run(string[] arguments)
    {
        foreach (var failure in NetworkHookProgram.Remove(StandardStreams.Read()))
            StandardStreams.Write(failure.Write());
        return 0;
    }
}
