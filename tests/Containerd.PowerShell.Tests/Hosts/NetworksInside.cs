using System.Text;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>
/// Networks of the daemon in the virtual machine. They cannot be managed over SSH, so the hooks are installed as the module does it
/// on the host itself.
/// </summary>
internal sealed class NetworksInside(VirtualMachine machine, Engine engine, string containerdNamespace)
{
    internal const string Helper = "/var/lib/containerd-powershell/bin/containerd-helper";

    internal NetworkFolders Folders { get; } = NetworkFolders.OfMachine(engine.Require<CtrInfo>("Get-CtrInfo").Uuid, containerdNamespace);

    /// <summary>Installs the helper program.</summary>
    internal async Task InstallAsync()
    {
        await machine.CopyAsync(Path.Combine(Repository.Module, "lib", "linux-x64", "containerd-helper"), Helper);
        await machine.RunScriptAsync($"chmod 0700 {Helper}");
    }

    /// <summary>Writes the file of a network.</summary>
    internal async Task WriteAsync(NetworkDefinition definition)
    {
        var folder = Directory.CreateTempSubdirectory("containerd-network-").FullName;
        try
        {
            var written = CniNetworkWriter.Write(Folders with { Configuration = [folder] }, definition);
            await machine.CopyAsync(written.Path, Path.Combine(Folders.Configuration[0], Path.GetFileName(written.Path)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Creates a container that is attached to a network when it starts.</summary>
    internal void Create(string id, string image, string network, string command, RequestedPort[] ports, string options = "")
    {
        var spec = engine.Require<CtrSpec>($"New-CtrSpec {id} -Image {image} -- {command}");
        var request = new NetworkRequest
        {
            Namespace = containerdNamespace,
            Container = id,
            Attachment = AttachmentOf(id),
            Networks = [new() { Name = network, Interface = "eth0" }],
            Ports = ports,
            Folders = Folders,
        };
        spec.Annotations = new CtrMap { [NetworkRequest.Annotation] = request.Write() };
        spec.Hooks = new CtrSpecHooks { CreateRuntime = [NetworkHooks.Create(Helper)], Poststop = [NetworkHooks.Remove(Helper)] };
        var json = spec.ToJson(indented: false).Replace("'", "''", StringComparison.Ordinal);
        engine.Require($"$null = New-CtrContainer {id} -Image {image} {options} -SpecJson '{json}'");
    }

    internal string AttachmentOf(string id) => NetworkFolders.AttachmentId(containerdNamespace, id, null);

    /// <summary>Removes what is left of containers that do not exist, as Clear-CtrNetwork does on the host.</summary>
    internal async Task SweepAsync()
    {
        var request = new SweepRequest
        {
            Folders = Folders,
            Namespaces = [containerdNamespace],
            Containers = [],
        };
        var input = Convert.ToBase64String(request.Write());
        var output = await machine.RunScriptAsync($"echo {input} | base64 -d | {Helper} network-sweep $(pidof -s containerd)");
        Assert.Empty(SweepReport.Read(Encoding.UTF8.GetBytes(output))!.Failures);
    }
}
