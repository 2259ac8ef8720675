using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists what differs between the file systems of containers and their images.</summary>
[Cmdlet(VerbsCommon.Get, "CtrDiff", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrFileChange))]
public sealed class GetCtrDiffCommand : ContainerFilterCmdlet
{
    /// <summary>Specifies the kinds of changes: Added, Modified, Deleted. By default, all changes are returned.</summary>
    [Parameter]
    public CtrFileChangeKind[] Kind { get; set; } = [];

    protected override void ProcessRecord()
    {
        if (ParameterSetName != ContainerCmdlet.ById)
        {
            foreach (var item in Objects)
                TryPerSession(item, () => Write(Resolve(item), item.ContainerId));
            return;
        }

        foreach (var id in Id)
        {
            TryPerSession(id, () =>
            {
                var ns = Resolve();
                if (WildcardPattern.ContainsWildcardCharacters(id))
                    WriteMatching(ns, id);
                else
                    Write(ns, ContainerIdOf(ns, id));
            });
        }
    }

    private void WriteMatching(NamespaceClient ns, string id)
    {
        var pattern = new ContainerPattern(id);
        // A container without a snapshot was not specified by name.
        foreach (var container in Await(ns.Containers.ListAsync).Where(c => c.SnapshotKey.Length > 0 && pattern.IsMatch(c)))
            Try(container, () => Write(ns, container.ContainerId));
    }

    private void Write(NamespaceClient ns, string id) =>
        Await(async cancellationToken =>
        {
            await foreach (var change in ns.Files.ListChangesAsync(id, cancellationToken).ConfigureAwait(false))
                if (Kind.Length == 0 || Kind.Contains(change.Kind))
                    await PostAsync(() => WriteObject(change), cancellationToken).ConfigureAwait(false);
        });
}
