using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>Hosts files, of which a part is the module's and the rest the container's.</summary>
public sealed class HostsFileTests
{
    private const string Region = "# <containerd-powershell>\n10.4.0.2\tweb\n# </containerd-powershell>\n";

    [Theory]
    [InlineData("", Region)]
    [InlineData("127.0.0.1 localhost", "127.0.0.1 localhost\n" + Region)]
    [InlineData("a\n# <containerd-powershell>\nold\n# </containerd-powershell>\nb\n", "a\n" + Region + "b\n")]
    [InlineData("# <containerd-powershell>\nhalf\n", "# <containerd-powershell>\nhalf\n" + Region)]
    [InlineData("# </containerd-powershell>\n", "# </containerd-powershell>\n" + Region)]
    public void Only_the_region_is_replaced(string before, string after) =>
        Assert.Equal(after, HostsFile.Replace(before, ["10.4.0.2\tweb"]));

    [Fact]
    public void A_file_is_written_in_place_and_cut_to_its_length()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-hosts-").FullName;
        var path = Path.Combine(folder, "hosts");
        File.WriteAllText(path, HostsFile.Create(Enumerable.Range(1, 100).Select(i => $"10.4.0.{i}\tc{i}")) + "10.9.9.9\tmine\n");
        // The container has the file open, not its name.
        using var open = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Assert.True(HostsFile.Update(path, ["10.4.0.2\tweb"]));
        var text = open.ReadToEnd();
        Assert.StartsWith("127.0.0.1\tlocalhost\n", text, StringComparison.Ordinal);
        Assert.EndsWith(Region + "10.9.9.9\tmine\n", text, StringComparison.Ordinal);
        // What a container can put there is not followed or read.
        File.CreateSymbolicLink(Path.Combine(folder, "link"), path);
        Assert.False(HostsFile.Update(Path.Combine(folder, "link"), []));
        File.WriteAllBytes(Path.Combine(folder, "large"), new byte[2 << 20]);
        Assert.False(HostsFile.Update(Path.Combine(folder, "large"), []));
        Assert.False(HostsFile.Update(folder, []));
        Assert.False(HostsFile.Update(Path.Combine(folder, "none"), []));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Containers_on_a_common_network_know_each_other_also_if_they_started_earlier()
    {
        using var bed = await NetworkBed.CreateAsync();
        bed.AddNetwork("front", "10.88.1.0/24");
        bed.AddNetwork("back", "10.88.2.0/24");
        var web = With(bed.Request("web", "front"), "shop", "www");
        var app = With(bed.Request("app", "front", "back"), "logic", "api");
        var db = With(bed.Request("db", "back"), null, "sql");
        bed.Attach(web, bed.Sandbox.StartContainer());
        bed.Attach(app, bed.Sandbox.StartContainer());
        bed.Attach(db, bed.Sandbox.StartContainer());
        Assert.Equal(["10.88.1.1\tgate", "10.88.1.2\tweb shop www", "10.88.1.3\tapp logic api"], Lines(web));
        Assert.Equal(
            ["10.88.1.1\tgate", "10.88.1.3\tapp logic api", "10.88.2.2\tapp logic api", "10.88.2.3\tdb sql", "10.88.1.2\tweb shop www"],
            Lines(app)
        );
        bed.Remove(db);
        Assert.Equal(["10.88.1.1\tgate", "10.88.1.3\tapp logic api", "10.88.2.2\tapp logic api", "10.88.1.2\tweb shop www"], Lines(app));
        Assert.Empty(Lines(db));
        bed.Remove(app);
        Assert.Equal(["10.88.1.1\tgate", "10.88.1.2\tweb shop www"], Lines(web));
        bed.Remove(web);
        bed.AssertNothingLeft();

        static string[] Lines(NetworkRequest request) =>
            [.. File.ReadLines(request.Files.Hosts!).SkipWhile(l => !l.StartsWith('#')).Where(l => !l.StartsWith('#'))];

        NetworkRequest With(NetworkRequest request, string? name, string alias)
        {
            var file = Path.Combine(bed.OwnPlugins, request.Container + ".files", "hosts");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, HostsFile.Create([]));
            return request with
            {
                Name = name,
                Networks = [.. request.Networks.Select(n => n with { Aliases = [alias] })],
                Hosts = [new() { Name = "gate", Address = RequestedHost.Gateway }],
                Files = new() { Hosts = file },
            };
        }
    }
}
