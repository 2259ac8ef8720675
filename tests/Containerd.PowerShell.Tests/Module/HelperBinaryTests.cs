using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>The native program of the module runs on machines that are older than the one that built it.</summary>
public sealed class HelperBinaryTests
{
    private static readonly Version Newest = new(2, 28);

    public static TheoryData<string> Platforms =>
        [
            .. Directory
                .GetFiles(Path.Combine(Repository.Module, "lib"), "containerd-helper", SearchOption.AllDirectories)
                .Select(path => Path.GetFileName(Path.GetDirectoryName(path)!)),
        ];

    [Theory]
    [MemberData(nameof(Platforms))]
    public void It_requires_no_symbol_of_a_glibc_after_2_28(string platform)
    {
        var versions = new ElfFile(Path.Combine(Repository.Module, "lib", platform, "containerd-helper")).RequiredVersions();
        Assert.Contains(versions, version => version.StartsWith("libc.so.6: GLIBC_2.", StringComparison.Ordinal));
        Assert.DoesNotContain(versions, IsTooNew);
    }

    [Theory]
    [InlineData("libc.so.6: GLIBC_2.28", false)]
    [InlineData("libc.so.6: GLIBC_2.2.5", false)]
    [InlineData("libc.so.6: GLIBC_2.34", true)]
    [InlineData("libc.so.6: GLIBC_ABI_DT_RELR", true)]
    [InlineData("libgcc_s.so.1: GCC_3.0", true)]
    public void A_version_that_is_too_new_is_found(string version, bool expected) => Assert.Equal(expected, IsTooNew(version));

    [Fact]
    public void The_versions_of_any_other_program_are_read()
    {
        // Any program of the machine: the versions that it requires are a fact of its own.
        var versions = new ElfFile("/bin/bash").RequiredVersions();
        Assert.NotEmpty(versions);
        Assert.All(versions, version => Assert.Matches(@"^\S+\.so\.\d+: [A-Za-z_]+[A-Za-z0-9_.]+$", version));
    }

    /// <summary>Also another library than glibc: the program comes without any.</summary>
    private static bool IsTooNew(string version) =>
        version.Split(": GLIBC_") is not [_, var number] || !Version.TryParse(number, out var parsed) || parsed > Newest;
}
