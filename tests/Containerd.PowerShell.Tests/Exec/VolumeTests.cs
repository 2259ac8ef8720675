using System.Security.Cryptography;
using System.Text;
using Containerd.Client;
using Containerd.Host;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>A gibibyte in each direction, compared by its digest.</summary>
public sealed class VolumeTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const int Chunk = 1024 * 1024;
    private const int Chunks = 1024;

    /// <summary>
    /// Writes a bit more than a gibibyte of which no two parts are the same: a random block again and again, with a number before each.
    /// </summary>
    private const string Gibibyte = "i=0; while [ $i -lt 64 ]; do echo $i; cat /block; i=$((i+1)); done";

    private const string MakeBlock = "head -c 16777216 /dev/urandom > /block";

    private const long GibibyteLength = (64L * 16777216) + (10 * 2) + (54 * 3);

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_gibibyte_is_piped_into_an_exec_completely(string suite)
    {
        using var engine = (await DaemonFixtures.GetAsync(suite)).Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        var block = RandomNumberGenerator.GetBytes(Chunk);
        engine.Runspace.SessionStateProxy.SetVariable("block", block);
        var sum = engine.Require(
            $"1..{Chunks} | ForEach-Object {{ $next = $block.Clone(); [BitConverter]::GetBytes($_).CopyTo($next, 0); , $next }} | Invoke-CtrExec {Id} -- sha256sum"
        );
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 1; i <= Chunks; i++)
        {
            BitConverter.GetBytes(i).CopyTo(block, 0);
            hash.AppendData(block);
        }

        Assert.Equal($"{Hex(hash)}  -", Assert.Single(sum).ToString());
        engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_gibibyte_is_read_from_an_exec_byte_for_byte_on_each_stream(string suite)
    {
        var fixture = await DaemonFixtures.GetAsync(suite);
        using var engine = fixture.Open();
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = fixture.Daemon.Address, Namespace = fixture.Namespace }
        );
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask");
        engine.Require($"Invoke-CtrExec {Id} -- sh -c '{MakeBlock}'");
        var expected = engine.Require($"Invoke-CtrExec {Id} -- sh -c '({Gibibyte}) | sha256sum'")[0].ToString();
        using var stdout = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stderr = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        var outcome = await client
            .In()
            .Execs.RunAsync(
                Id,
                new ExecStartOptions { Options = new ExecOptions { Command = ["sh", "-c", $"({Gibibyte}) & ({Gibibyte}) >&2; wait"] } },
                new ProcessIo { Stdout = Into(stdout, n => length += n), Stderr = Into(stderr, _ => { }) }
            );
        Assert.Equal((0, false), (outcome.Exit.ExitCode, outcome.StreamsHeld));
        Assert.Equal(GibibyteLength, length);
        Assert.Equal(expected, $"{Hex(stdout)}  -");
        Assert.Equal(expected, $"{Hex(stderr)}  -");
        engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    [Fact]
    public async Task A_gibibyte_goes_through_a_containers_own_process_and_a_tasks_log()
    {
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = DaemonFixture.Daemon.Address, Namespace = DaemonFixture.Namespace }
        );
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c '[ -e /block ] || {MakeBlock}; ({Gibibyte}) | sha256sum >&2; {Gibibyte}'"
        );
        using var streamed = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var told = new MemoryStream();
        var outcome = await client
            .In()
            .Tasks.RunAsync(Id, async (streams, ct) =>
            {
                var telling = streams.Stderr!.CopyToAsync(told, ct);
                var buffer = new byte[Chunk];
                while (await streams.Stdout.ReadAsync(buffer, ct) is var count and > 0)
                    streamed.AppendData(buffer, 0, count);
                await telling;
            });
        Assert.Equal((0, false), (outcome.Exit.ExitCode, outcome.StreamsHeld));
        Assert.Equal(Encoding.ASCII.GetString(told.ToArray()).TrimEnd(), $"{Hex(streamed)}  -");

        Engine.Require($"Start-CtrTask {Id} | Wait-CtrTask -Timeout 120 | Remove-CtrTask");
        var log = Directory.EnumerateFiles(Assert.Single(LogFolders(Id)), "*.stdout").Single();
        await using (var file = File.OpenRead(log))
        {
            Assert.Equal(GibibyteLength, file.Length);
            Assert.Equal(
                Engine.Require($"Get-CtrLog {Id} -Stream Stderr")[0].ToString(),
                $"{Convert.ToHexStringLower(await SHA256.HashDataAsync(file))}  -"
            );
        }
    }

    [Fact]
    public async Task Many_lines_are_complete_in_a_timestamped_log()
    {
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = DaemonFixture.Daemon.Address, Namespace = DaemonFixture.Namespace }
        );
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'head -c 100000000 /dev/urandom | base64 > /data; md5sum < /data >&2; cat /data' | Start-CtrTask -LogFormat Timestamped"
        );
#pragma warning disable CA5351
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        var told = "";
        var outcome = await client
            .In()
            .Logs.ReadAsync(Id, new LogReadOptions { Follow = true }, (lines, _) =>
            {
                foreach (var line in lines)
                {
                    if (line.Source == CtrOutput.Stderr)
                        told = line.Text;
                    else
                        hash.AppendData(Encoding.UTF8.GetBytes(line.Text + "\n"));
                }

                return ValueTask.CompletedTask;
            });
        Assert.Equal(new LogOutcome(false, 0), outcome);
        Assert.Equal(told, $"{Hex(hash)}  -");
    }

    private static OutputSink Into(IncrementalHash hash, Action<int> count) =>
        (chunk, _) =>
        {
            hash.AppendData(chunk.Span);
            count(chunk.Length);
            return ValueTask.CompletedTask;
        };

    private static string Hex(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset());
}
