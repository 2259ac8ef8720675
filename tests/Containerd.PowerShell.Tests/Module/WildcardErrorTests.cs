using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>A wildcard pattern that PowerShell cannot read is one error of this module, wherever it is given.</summary>
public sealed class WildcardErrorTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private static readonly string[] WithPattern =
    [
        "Get-CtrDaemon",
        "Stop-CtrDaemon",
        "Get-CtrSession",
        "Disconnect-CtrSession",
        "Get-CtrContainer",
        "Get-CtrTask",
        "Get-CtrLog",
        "Get-CtrProcess",
        "Get-CtrStats",
        "Get-CtrImage",
        "Remove-CtrImage",
        "Clear-CtrImage -Confirm:$false -Name",
        "Get-CtrNamespace",
        "Get-CtrPlugin",
        "Get-CtrRuntime",
        "Get-CtrContent",
        "Get-CtrIngest",
        "Get-CtrLease",
        "Get-CtrSnapshot",
        "Get-CtrSnapshot -Snapshotter",
        "Get-CtrSnapshotMount",
        "Dismount-CtrSnapshot",
        "Dismount-CtrImage",
        "Import-CtrImage",
        "Import-CtrContent -Path",
    ];

    private static readonly string[] LabelNames = ["a", "b", "c", "d", "e"];

    [Fact]
    public void A_bracket_that_is_not_closed_is_one_error()
    {
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -Label @{{ tier = 'front' }} -- true");
        string[] commands =
        [
            .. WithPattern.Select(command => $"{command} 'x['"),
            $"Copy-CtrItem '/tmp/x[' {Id}:/tmp/",
            $"Copy-CtrItem '{Id}:/tmp/x[' /tmp/",
            "Get-CtrContainer -Label @{ tier = 'x[' }",
        ];
        foreach (var command in commands)
        {
            var done = Engine.Invoke(command);
            Assert.True(done.Exception is null, $"{command}: {done.Exception}");
            var error = Assert.Single(done.Errors);
            Assert.True(
                error.FullyQualifiedErrorId.StartsWith("InvalidPattern,", StringComparison.Ordinal),
                $"{command}: {error.FullyQualifiedErrorId}"
            );
            Assert.IsType<CtrArgumentException>(error.Exception);
            Assert.Empty(done.Output);
        }

        // A parameter that is converted fails as such.
        Assert.Contains(
            "'x[' is not a valid wildcard pattern",
            Engine.Invoke("Get-CtrTask -Session 'x['").Error.Exception.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(Engine.Invoke("Get-CtrTask 'none`[1`]*'").Errors);
    }

    [Fact]
    public void A_number_in_a_table_that_does_not_show_how_it_was_typed_is_rejected()
    {
        foreach (
            var (entry, text) in new[]
            {
                ("TTL = 7d", "'7d'"),
                ("TTL = 10s", "'10s'"),
                ("TTL = 500us", "'500us'"),
                ("TTL = 5y", "'5y'"),
                ("TTL = 5n", "'5n'"),
                ("7d = 'x'", "'7d'"),
            }
        )
        {
            foreach (
                var command in new[]
                {
                    $"New-CtrContainer {Id} -Image {Busybox} -Env @{{ {entry} }} -- true",
                    $"New-CtrContainer {Id} -Image {Busybox} -Label @{{ {entry} }} -- true",
                    $"Start-CtrDaemon {Id} -Environment @{{ {entry} }}",
                }
            )
            {
                var done = Engine.Invoke(command);
                Assert.True(done.Exception is null, $"{command}: {done.Exception}");
                // A parameter that is converted fails as such.
                if (!command.Contains("-Label", StringComparison.Ordinal))
                    Assert.StartsWith("UnquotedValue,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
                Assert.Contains($"Put it in quotes: {text}", done.Error.Exception.Message, StringComparison.Ordinal);
            }
        }

        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*; Get-CtrDaemon {Id}*"));
        // Numbers that show their typed text are still text.
        var labels = Engine
            .Require<CtrContainer>(
                $"New-CtrContainer {Id} -Image {Busybox} -Label @{{ a = 7; b = 1.5; c = '7d'; d = $true; e = [long] 5 }} -- true"
            )
            .Labels;
        Assert.Equal(["7", "1.5", "7d", "True", "5"], LabelNames.Select(name => labels[name]));
    }
}
