using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// A cmdlet that works in a namespace of a daemon: it resolves the session and the namespace, and the lease of the caller's Use-CtrLease
/// block.
/// </summary>
public abstract class SessionCmdlet : DaemonCmdlet
{
    private readonly HashSet<NamespaceClient> _asked = [];
    private readonly Dictionary<string, string> _typed = new(StringComparer.Ordinal);
    private bool _hasOutput;

    /// <summary>
    /// Specifies the containerd namespace. By default, the namespace of the input object is used, or else that of the session.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>Writes an object to the pipeline.</summary>
    /// <param name="sendToPipeline">The object.</param>
    public new void WriteObject(object? sendToPipeline)
    {
        _hasOutput = true;
        base.WriteObject(sendToPipeline);
    }

    /// <summary>Writes an object, or each item of a collection, to the pipeline.</summary>
    /// <param name="sendToPipeline">The object.</param>
    /// <param name="enumerateCollection">Whether the items of a collection are written one by one.</param>
    public new void WriteObject(object? sendToPipeline, bool enumerateCollection)
    {
        if (!enumerateCollection || LanguagePrimitives.GetEnumerable(sendToPipeline) is not { } items)
        {
            WriteObject(sendToPipeline);
            return;
        }

        foreach (var item in items)
            WriteObject(item);
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (!_hasOutput && !HasFailed && !Stopping && MyInvocation.MyCommand is CmdletInfo { Verb: VerbsCommon.Get })
            WarnOfMissingNamespaces();
    }

    /// <summary>
    /// Warns if a listing is empty because the namespace does not exist. A default namespace in which nothing has been created yet is not
    /// reported.
    /// </summary>
    private void WarnOfMissingNamespaces()
    {
        foreach (var ns in _asked.Where(ns => Namespace is not null || ns.Namespace != "default"))
        {
            Try(null, () =>
            {
                if (!Await(cancellationToken => ns.Client.Namespaces.NamesAsync(cancellationToken)).Contains(ns.Namespace))
                    WriteWarning($"The namespace '{ns.Namespace}' does not exist. Get-CtrNamespace lists the namespaces of the daemon.");
            });
        }
    }

    /// <summary>
    /// Resolves session and namespace: from the parameters, or else from the object, or else the defaults. If no session is open, one is
    /// opened.
    /// </summary>
    internal NamespaceClient Resolve(ICtrObject? from = null)
    {
        if (from is CtrContainer container)
            Call(container.ContainerId, container.Name);
        var client = ResolveClient(from?.Session);
        var ns = client.In(Namespace ?? SessionChoice.NamespaceOf(from, NamedSession));
        if (from is null)
            _asked.Add(ns);
        return LeaseBlocks.Apply(ns);
    }

    /// <summary>
    /// The id of the container that a text names: by its id, its name, or the first digits of a generated id. A text that names no
    /// container is returned unchanged.
    /// </summary>
    internal string ContainerIdOf(NamespaceClient ns, string text)
    {
        var id = Await(cancellationToken => ns.Names.ResolveAsync(text, cancellationToken));
        Call(id, text);
        return id;
    }

    /// <summary>Makes messages about a container use the caller's name for it.</summary>
    /// <param name="id">The id of the container.</param>
    /// <param name="name">The text that the caller typed, or the container's name; null for none.</param>
    private protected void Call(string id, string? name)
    {
        if (name is { Length: > 0 } && name != id)
            _typed[id] = name;
        else
            _typed.Remove(id);
    }

    private protected override string WithNames(string text) =>
        _typed.Aggregate(text, static (current, typed) => ContainerWords.Replace(current, typed.Key, typed.Value));
}
