using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that works in a namespace of a daemon: it knows which session and namespace are meant, and which lease the caller's block runs under.</summary>
public abstract class SessionCmdlet : DaemonCmdlet
{
    /// <summary>The containerd namespace to act in; without it the one that an input object came from, else the session's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>What is meant: the parameters first, then the object, then the defaults. With no session open, one is opened.</summary>
    internal NamespaceClient Resolve(ICtrObject? from = null)
    {
        var client = ResolveClient(from?.Session);
        return LeaseBlocks.Apply(client.In(Namespace ?? SessionChoice.NamespaceOf(from, NamedSession)));
    }
}
