using System.Globalization;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Log;

/// <summary>The last lines of a growing log are exact. The acceptance suite tests the lines themselves.</summary>
public sealed class LastLineTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("")]
    [InlineData("-LogFormat Timestamped")]
    [InlineData("-LogMaxSize 64k -LogMaxFiles 3")]
    public async Task The_number_of_last_lines_of_a_growing_log_is_as_requested(string options)
    {
        await StartAsync("-- sh -c 'i=0; while :; do i=$((i+1)); echo $i; echo $i >&2; usleep 1000; done'", startOptions: options);
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id} -Tail 30").Count == 30);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(3, Engine.Require($"Get-CtrLog {Id} -Tail 3").Count);
            var lines = Engine
                .Require($"Get-CtrLog {Id} -Stream Stdout -Tail 10")
                .Select(l => int.Parse(l.ToString(), CultureInfo.InvariantCulture))
                .ToList();
            Assert.Equal(Enumerable.Range(lines[0], 10), lines);
        }
    }
}
