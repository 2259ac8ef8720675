using Containerd.Host.Helpers;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Requests;

/// <summary>
/// The hooks of a spec that attach a container to its networks. The client puts the first before, the second after all others.
/// </summary>
internal static class NetworkHooks
{
    /// <summary>
    /// The time in seconds after which a runtime stops a hook: above all limits of the helper program (<see cref="NetworkLimits"/>), so
    /// that it can undo its work and report the reason.
    /// </summary>
    internal const int Timeout = 360;

    /// <summary>The hook createRuntime.</summary>
    /// <param name="program">The installed helper program.</param>
    internal static CtrSpecHook Create(string program) => Hook(program, HelperContract.NetworkCreateVerb);

    /// <summary>The hook poststop.</summary>
    /// <param name="program">The installed helper program.</param>
    internal static CtrSpecHook Remove(string program) => Hook(program, HelperContract.NetworkRemoveVerb);

    /// <summary>Whether a hook of a spec is one of these, of any version of the helper program.</summary>
    internal static bool IsOurs(CtrSpecHook hook) =>
        hook.Args is [_, HelperContract.NetworkCreateVerb or HelperContract.NetworkRemoveVerb]
        && Path.GetFileName(hook.Path).StartsWith(HelperContract.Program, StringComparison.Ordinal);

    // A hook gets no other environment, and the plugins run iptables.
    private static CtrSpecHook Hook(string program, string verb) =>
        new()
        {
            Path = program,
            Args = [Path.GetFileName(program), verb],
            Env = ["PATH=" + HostProgram.SearchPath([])],
            Timeout = Timeout,
        };
}
