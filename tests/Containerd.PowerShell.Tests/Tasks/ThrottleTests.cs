using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>
/// Limits on the rate of block devices: a runtime that ignores a change of them does not make the command say that it worked.
/// </summary>
public sealed class ThrottleTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private static readonly string[] Device = File.ReadAllText(
            Directory.EnumerateDirectories("/sys/block").Select(d => d + "/dev").Order(StringComparer.Ordinal).Last(File.Exists)
        )
        .Trim()
        .Split(':');

    private static string Limit(long rate) => $"throttleReadBpsDevice = @(@{{ major = {Device[0]}; minor = {Device[1]}; rate = {rate} }})";

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    public async Task A_runtime_that_ignores_them_is_an_error_and_nothing_changes(string suite)
    {
        Use(await DaemonFixtures.GetAsync(suite, "runc"));
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -PidsLimit 50 {Idle} | Start-CtrTask");
        var spec = Spec();
        var error = Engine.Invoke($"Update-CtrTask {Id} -Resources @{{ blockIO = @{{ {Limit(1048576)} }} }} -PidsLimit 60").Error;
        AssertError(error, ErrorIds.ThrottleNotSupported, "UpdateCtrTask", ErrorCategory.NotImplemented, Id);
        Assert.Equal(spec, Spec());
        Assert.Equal(("50", ""), (Cgroup("pids", "pids.max"), Rates()));
    }

    [Fact]
    public async Task A_runtime_that_applies_them_sets_and_removes_them_and_keeps_the_spec_in_step()
    {
        Use(await DaemonFixtures.GetAsync("sid", "runc"));
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -PidsLimit 50 {Idle} | Start-CtrTask");
        Engine.Require($"Update-CtrTask {Id} -Resources @{{ blockIO = @{{ {Limit(1048576)} }} }} -PidsLimit 60");
        Assert.Equal(("60", $"{Device[0]}:{Device[1]} 1048576"), (Cgroup("pids", "pids.max"), Rates()));
        Assert.Equal(
            1048576UL,
            Assert
                .Single(Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Linux!.Resources!.BlockIO!.ThrottleReadBpsDevice!)
                .Rate
        );

        // Another limit of the same change fails: the rate is what it was.
        Assert.StartsWith(
            "InvalidLimit,",
            Engine
                .Invoke($"Update-CtrTask {Id} -Resources @{{ blockIO = @{{ {Limit(2097152)} }} }} -CpusetCpus 77")
                .Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Equal($"{Device[0]}:{Device[1]} 1048576", Rates());
        Engine.Require($"Update-CtrTask {Id} -Resources @{{ blockIO = @{{ {Limit(0)} }} }}");
        Assert.Equal("", Rates());
    }

    private string Spec() => Engine.Require<string>($"(Get-CtrContainer {Id}).Spec.ToJson()");

    private string Rates() => Cgroup("blkio", "blkio.throttle.read_bps_device");

    private string Cgroup(string controller, string file) =>
        File.ReadAllText($"/sys/fs/cgroup/{controller}/{DaemonFixture.Namespace}/{Id}/{file}").Trim();
}
