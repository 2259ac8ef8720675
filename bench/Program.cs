using System.Runtime.Versioning;
using Containerd.Bench;
using Containerd.Testing;

[assembly: SupportedOSPlatform("linux")]

// Arguments: the number of rounds, and the parts; by default all.
// Everything is measured in one run, turn by turn, so that a noisy machine disturbs all sides alike. What counts are the medians' ratios.
var rounds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 200;
await using var daemon = await PrivateDaemon.StartAsync();
using var engine = new Engine();
engine.Require($"$null = Connect-CtrSession -Address {daemon.Address} -Namespace {daemon.Namespace}");
engine.Require($"$null = Import-CtrImage {await TestImages.BusyboxTarAsync()}");
engine.Require("$null = New-CtrContainer bench -Image busybox:test -Command sleep, 1000 | Start-CtrTask");
try
{
    (string Name, Func<Task> Measure)[] parts =
    [
        ("calls", () => WarmCalls.MeasureAsync(daemon, engine, rounds)),
        ("streams", () => Streams.MeasureAsync(daemon)),
        ("start", () => ColdStart.MeasureAsync(daemon, Math.Max(5, rounds / 20))),
        ("networks", () => Networks.MeasureAsync(Math.Max(5, rounds / 4))),
    ];
    foreach (var (_, measure) in parts.Where(part => args.Length < 2 || args.Skip(1).Contains(part.Name)))
        await measure();
}
finally
{
    engine.Invoke("Remove-CtrContainer bench -Force");
}
