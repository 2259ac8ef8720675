using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Shows containers with their image, snapshots, task and execs as a tree.</summary>
[Cmdlet(VerbsCommon.Show, "CtrContainer", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrTree))]
public sealed class ShowCtrContainerCommand : ContainerQueryCmdlet<CtrContainer>
{
    private readonly List<(NamespaceClient Place, CtrContainer Container)> _found = [];

    protected override void EndProcessing()
    {
        foreach (var session in _found.GroupBy(f => f.Place.Session))
        {
            Try(session.Key, () =>
            {
                var namespaces = new List<CtrTree>();
                foreach (var place in session.GroupBy(f => f.Place.Namespace, StringComparer.Ordinal))
                {
                    CtrContainer[] containers = [.. place.Select(f => f.Container).DistinctBy(c => c.ContainerId)];
                    namespaces.Add(Await(cancellationToken => place.First().Place.Containers.TreeAsync(containers, cancellationToken)));
                }

                WriteObject(
                    new CtrTree
                    {
                        Kind = CtrTreeKind.Session,
                        Name = session.Key.Name,
                        Detail = $"{session.Key.Address}, containerd {session.Key.Version}",
                        Session = session.Key,
                        Children = [.. namespaces],
                    }
                );
            });
        }
    }

    private protected override Task<CtrContainer> GetAsync(NamespaceClient ns, string id, CancellationToken cancellationToken) =>
        ns.Containers.GetAsync(id, cancellationToken);

    private protected override Task<IReadOnlyList<CtrContainer>> ListAsync(NamespaceClient ns, CancellationToken cancellationToken) =>
        ns.Containers.ListAsync(cancellationToken);

    private protected override bool IsWanted(CtrContainer item) => true;

    private protected override void Write(NamespaceClient ns, CtrContainer item) => _found.Add((ns, item));
}
