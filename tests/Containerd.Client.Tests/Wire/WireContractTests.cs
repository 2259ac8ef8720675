using Containerd.Testing;

namespace Containerd.Client.Tests.Wire;

/// <summary>What we declare is what containerd declares: same services, methods, messages, fields, numbers and types.</summary>
public sealed class WireContractTests(DebianProtos debian) : IClassFixture<DebianProtos>
{
    /// <summary>Not containerd's own: they come with the shim of Windows (Microsoft/hcsshim), which no Debian suite packages.</summary>
    private static readonly string[] NotInDebian = ["runhcs/process.proto", "runhcs/stats.proto"];

    public static TheoryData<string> Files => [.. WireContract.Files.Select(file => file.Name).Except(NotInDebian)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_declares_what_containerd_declares(string file)
    {
        var differences = new WireComparison(debian.Protos).Differences(WireContract.File(file));
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void No_package_contains_excluded_files() =>
        Assert.DoesNotContain(debian.Protos, proto => NotInDebian.Any(file => WireContract.File(file).Package == proto.File.Package));

    [Fact]
    public void Every_version_of_containerd_takes_part()
    {
        foreach (var folder in debian.Folders)
        {
            var packages = debian
                .Protos.Where(proto => proto.Origin.StartsWith(Path.GetFileName(folder), StringComparison.Ordinal))
                .Select(proto => proto.File.Package);
            Assert.Superset(
                new HashSet<string>
                {
                    "containerd.services.tasks.v1",
                    "containerd.events",
                    "containerd.runc.v1",
                    "io.containerd.cgroups.v2",
                },
                packages.ToHashSet()
            );
        }
    }

    [Fact]
    public void Every_file_of_the_repository_is_in_the_client()
    {
        var root = Path.Combine(Repository.Root, "protos");
        var files = Directory
            .EnumerateFiles(root, "*.proto", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'));
        Assert.Equal(files.Order(StringComparer.Ordinal), WireContract.Files.Select(file => file.Name));
    }
}
