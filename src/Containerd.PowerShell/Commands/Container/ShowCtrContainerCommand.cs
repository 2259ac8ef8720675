using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Shows containers with their image, snapshots, task and execs as a tree.</summary>
[Cmdlet(VerbsCommon.Show, "CtrContainer", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrTree))]
public sealed class ShowCtrContainerCommand : ContainerListCmdlet<CtrContainer>
{
    private readonly List<(NamespaceClient Namespace, CtrContainer Container)> _found = [];

    protected override void EndProcessing()
    {
        foreach (var session in _found.GroupBy(f => f.Namespace.Session))
        {
            Try(session.Key, () =>
            {
                var namespaces = new List<CtrTree>();
                foreach (var group in session.GroupBy(f => f.Namespace.Namespace, StringComparer.Ordinal))
                {
                    CtrContainer[] containers = [.. group.Select(f => f.Container).DistinctBy(c => c.ContainerId)];
                    namespaces.Add(Await(cancellationToken => group.First().Namespace.Containers.TreeAsync(containers, cancellationToken)));
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
