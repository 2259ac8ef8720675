using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the published ports of containers.</summary>
[Cmdlet(VerbsCommon.Get, "CtrPort", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrPort))]
public sealed class GetCtrPortCommand : ContainerFilterCmdlet
{
    /// <summary>Specifies ports of the host. By default, all published ports are returned.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int[] HostPort { get; set; } = [];

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
        foreach (var container in Await(ns.Containers.ListAsync).Where(pattern.IsMatch))
            Write(ns.Networks.GetPorts(container));
    }

    private void Write(NamespaceClient ns, string id) =>
        Write(ns.Networks.GetPorts(Await(cancellationToken => ns.Containers.GetAsync(id, cancellationToken))));

    private void Write(IEnumerable<CtrPort> ports)
    {
        foreach (var port in ports.Where(p => HostPort.Length == 0 || HostPort.Contains(p.HostPort)))
            WriteObject(port);
    }
}
