using System.Text;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>Networks of any program, and those of the module.</summary>
public sealed class CniNetworkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-cni-").FullName;

    private NetworkFolders Folders => new() { Configuration = [_folder, Path.Combine(_folder, "default")] };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("""{"cniVersion":"0.3.1","name":"n","plugins":[{"type":"bridge"}]}""", "0.3.1")]
    [InlineData("""{"cniVersion":"0.4.0","name":"n","type":"bridge"}""", "0.4.0")]
    [InlineData("""{"cniVersion":"1.0.0","cniVersions":["0.4.0","1.1.0","2.0.0"],"name":"n","plugins":[{"type":"bridge"}]}""", "1.1.0")]
    [InlineData("""{"cniVersions":["1.0.0"],"name":"n","plugins":[{"type":"bridge"}]}""", "1.0.0")]
    public void A_network_is_used_with_the_highest_version_that_both_know(string json, string version)
    {
        var network = Parse(json);
        Assert.Equal(version, network.Version.ToString());
        Assert.Equal(["bridge"], network.PluginTypes);
    }

    [Theory]
    [InlineData("""{"name":"n","plugins":[{"type":"bridge"}]}""", "it has no version of the CNI specification")]
    [InlineData("""{"cniVersion":"2.0.0","name":"n","plugins":[{"type":"bridge"}]}""", "it requires version 2.0.0")]
    [InlineData("""{"cniVersion":"0.2.0","name":"n","plugins":[{"type":"bridge"}]}""", "it requires version 0.2.0")]
    [InlineData("""{"cniVersion":"1.0.0","plugins":[{"type":"bridge"}]}""", "it has no name")]
    [InlineData("""{"cniVersion":"1.0.0","name":"../n","plugins":[{"type":"bridge"}]}""", "'../n' is not a valid name")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[]}""", "it has no plugins")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n"}""", "it has no plugins")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"../../bin/sh"}]}""", "a plugin has no valid type")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","name":"m","plugins":[{"type":"bridge"}]}""", "it is not a valid JSON object")]
    [InlineData("[]", "it is not a valid JSON object")]
    [InlineData("", "it is not a valid JSON object")]
    public void A_file_that_is_not_a_network_says_why(string json, string why)
    {
        var error = Assert.Throws<CtrDataException>(() => Parse(json));
        Assert.Equal(ErrorIds.NetworkConfigInvalid, error.ErrorId);
        Assert.Equal(
            $"The network in '/x/n.conflist' cannot be used: {why}",
            error.Message[..$"The network in '/x/n.conflist' cannot be used: {why}".Length]
        );
    }

    [Fact]
    public void A_file_that_cannot_be_used_does_not_affect_the_others()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "default"));
        Write("10-first.conflist", """{"cniVersion":"1.0.0","name":"first","plugins":[{"type":"bridge","bridge":"cni1"}]}""");
        Write("20-broken.conflist", "{");
        Write("30-again.conf", """{"cniVersion":"1.0.0","name":"first","type":"macvlan"}""");
        Write("default/nerdctl-own.conflist", """{"cniVersion":"1.0.0","name":"own","nerdctlID":"1","plugins":[{"type":"bridge"}]}""");
        Write(".nerdctl.lock", "");
        Write("readme.txt", "");
        var networks = CniNetworks.Read(Folders);
        Assert.Equal([("first", CniAuthor.Other), ("own", CniAuthor.Nerdctl)], networks.All.Select(n => (n.Name, n.Author)));
        Assert.Equal("cni1", networks.Require("first").HostInterface);
        Assert.Equal(["20-broken.conflist", "30-again.conf"], networks.Flaws.Select(f => Path.GetFileName(f.Subject)));
        var error = Assert.Throws<CtrNotFoundException>(() => networks.Require("none"));
        Assert.Equal(ErrorIds.NetworkNotFound, error.ErrorId);
        Assert.Contains("20-broken.conflist' cannot be used", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Further_plugins_lie_in_a_folder_with_the_name_of_the_network()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "n"));
        Write("n/10-more.conf", """{"type":"more"}""");
        Write("n.conflist", """{"cniVersion":"1.1.0","name":"n","plugins":[{"type":"bridge"}]}""");
        Assert.Equal(["bridge", "more"], CniNetworks.Read(Folders).Require("n").PluginTypes);
        Write("n.conflist", """{"cniVersion":"1.1.0","name":"n","loadOnlyInlinedPlugins":true,"plugins":[{"type":"bridge"}]}""");
        Assert.Equal(["bridge"], CniNetworks.Read(Folders).Require("n").PluginTypes);
    }

    [Fact]
    public void A_network_of_the_module_is_one_of_nerdctl_too()
    {
        var written = CniNetworkWriter.Write(
            Folders,
            new()
            {
                Name = "front",
                HostInterface = NetworkDefinition.BridgeOf("front", null),
                Subnets = [new() { Subnet = "10.4.1.0/24", Gateway = "10.4.1.1" }, new() { Subnet = "fd00::/64" }],
                Mtu = 1400,
                Default = true,
                Labels = new Dictionary<string, string> { ["tier"] = "web" },
            }
        );
        var network = CniNetworks.Read(Folders).Require("front");
        Assert.Equal(CniAuthor.Module, network.Author);
        Assert.Equal(written.Content, network.Content);
        Assert.Equal("bridge", network.Driver);
        Assert.Equal("br-", network.HostInterface![..3]);
        Assert.Equal(15, network.HostInterface.Length);
        Assert.Equal(1400, network.Mtu);
        Assert.True(network.IsDefault && network.HasDefaultRoute && !network.IsInternal);
        Assert.True(network.Has("portMappings") && network.Has("ips"));
        Assert.Equal("web", network.Labels["tier"]);
        Assert.Equal(["10.4.1.0/24", "fd00::/64"], network.Subnets.Select(s => s.Subnet));
        // The first twelve digits of its id are in the name of the bridge, as nerdctl names its own.
        Assert.StartsWith(network.HostInterface[3..], network.NerdctlId, StringComparison.Ordinal);
    }

    [Fact]
    public void Subnets_are_read_in_every_form_of_host_local_and_static() =>
        Assert.Equal(
            ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.5/24"],
            Parse(
                """
                {"cniVersion":"1.0.0","name":"n","plugins":[
                  {"type":"a","ipam":{"type":"host-local","subnet":"10.1.0.0/16"}},
                  {"type":"b","ipam":{"type":"host-local","ranges":[[{"subnet":"10.2.0.0/16"}], 1, [2]]}},
                  {"type":"c","ipam":{"type":"static","addresses":[{"address":"10.3.0.5/24"}]}}]}
                """
            )
                .Subnets.Select(s => s.Subnet)
        );

    private static CniNetwork Parse(string json) => CniNetworkFile.Parse("/x/n.conflist", Encoding.UTF8.GetBytes(json));

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
