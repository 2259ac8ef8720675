using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>Requests and answers of more than the 16 MiB that containerd's messages may have.</summary>
public sealed class LargeMessageTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void An_answer_that_is_too_large_is_one_error_and_the_session_remains_usable()
    {
        using var engine = DaemonFixture.Open(PrivateDaemon.Unique("large"));
        // 1.2 MB each.
        engine.Require(
            "$labels = @{}; 1..300 | ForEach-Object { $labels[\"label$_\"] = 'x' * 4000 }; 1..15 | ForEach-Object { $null = New-CtrLease \"large$_\" -Label $labels }"
        );
        AssertError(engine.Invoke("Get-CtrLease").Error, ErrorIds.MessageTooLarge, "GetCtrLease", ErrorCategory.InvalidData);
        Assert.Equal("large7", engine.Require<CtrLease>("Get-CtrLease large7").Id);
        engine.Require("1..15 | ForEach-Object { Remove-CtrLease \"large$_\" }");
        Assert.Empty(engine.Require("Get-CtrLease"));
    }

    [Fact]
    public void A_container_whose_spec_is_too_large_is_one_error_and_leaves_nothing()
    {
        var done = Engine.Invoke(
            $"$spec = New-CtrSpec {Id} -Image {Busybox} -- true; $spec.Annotations = @{{ large = 'x' * 17MB }}; New-CtrContainer {Id} -Image {Busybox} -Spec $spec"
        );
        AssertError(done.Error, ErrorIds.MessageTooLarge, "NewCtrContainer", ErrorCategory.InvalidData);
        Assert.Contains(Id, done.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("0 0", Engine.Require<string>($"\"$(@(Get-CtrContainer {Id}*).Count) $(@(Get-CtrSnapshot {Id}*).Count)\""));
    }
}
