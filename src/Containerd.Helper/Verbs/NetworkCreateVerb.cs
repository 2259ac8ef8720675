using Containerd.Host.Helpers;
using Containerd.Host.Networks.Attachments;

namespace Containerd.Helper.Verbs;

/// <summary>The hook createRuntime of a container with networks: attaches it, before its program runs.</summary>
internal sealed class NetworkCreateVerb : Verb
{
    internal override string Name => HelperContract.NetworkCreateVerb;

    internal override int Run(string[] arguments)
    {
        if (NetworkHookProgram.Create(StandardStreams.Read()) is not { } failure)
            return 0;
        StandardStreams.Write(failure.Write());
        return 1;
    }
}
