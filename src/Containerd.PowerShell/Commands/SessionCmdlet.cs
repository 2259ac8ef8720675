using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that talks to a daemon: it knows which session and namespace are meant.</summary>
public abstract class SessionCmdlet : CtrCmdlet
{
    /// <summary>The session to act on; without it the one that an input object came from, else the default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [SessionTransformation]
    public CtrSession? Session { get; set; }

    /// <summary>The containerd namespace to act in; without it the one that an input object came from, else the session's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>What is meant: the parameters first, then the object, then the defaults. With no session open, one is opened.</summary>
    internal NamespaceClient Resolve(ICtrObject? from = null)
    {
        var client = ResolveClient(Session ?? from?.Session);
        // A namespace says where in a session; an object's means nothing in a session that it did not come from.
        var inherited = Session is null || from?.Session is null || Session == from.Session ? from?.Namespace : null;
        return client.In(Namespace ?? inherited);
    }

    internal ContainerdClient ResolveClient(CtrSession? session) => SessionChoice.Find(session, work => Await(work), WriteVerbose);
}
