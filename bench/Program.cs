using System.Runtime.Versioning;
using Containerd.Bench;
using Containerd.Testing;

[assembly: SupportedOSPlatform("linux")]

// Everything is measured in one run, turn by turn, so that a noisy machine disturbs all sides alike. What counts are the medians' ratios.
var rounds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 200;
await using var daemon = await PrivateDaemon.StartAsync();
using var engine = new Engine();
engine.Require($"$null = Connect-CtrSession -Address {daemon.Address} -Namespace {daemon.Namespace}");
engine.Require($"$null = Import-CtrImage {await TestImages.BusyboxTarAsync()}");
engine.Require("$null = New-CtrContainer bench -Image busybox:test -Command sleep, 1000 | Start-CtrTask");
try
{
    await WarmCalls.MeasureAsync(daemon, engine, rounds);
    await Streams.MeasureAsync(daemon);
    await ColdStart.MeasureAsync(daemon, Math.Max(5, rounds / 20));
    await Networks.MeasureAsync(Math.Max(5, rounds / 4));
}
finally
{
    engine.Invoke("Remove-CtrContainer bench -Force");
}
