using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Containerd.Client.Workloads.Logs;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Log;

/// <summary>
/// The log writer of the helper program, started as a shim starts it: for this platform, and for the other one in an emulator.
/// </summary>
public sealed partial class LogHelperTests : IDisposable
{
    private const int MaxSize = 64 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-log-").FullName;

    private string Prefix => Path.Combine(_folder, "1");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("x64", "x86_64")]
    [InlineData("arm64", "aarch64")]
    public async Task The_helper_of_each_platform_writes_both_streams_with_times_answers_readers_and_keeps_its_limit(
        string architecture,
        string machine
    )
    {
        string[] emulator = [];
        if (!architecture.Equals(RuntimeInformation.ProcessArchitecture.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            // The build has reported the reason.
            Assert.SkipUnless(
                Directory.Exists(Path.Combine(Repository.Module, "lib", $"linux-{architecture}"))
                    && File.Exists($"/usr/bin/qemu-{machine}"),
                $"This module was built without the helper program for {architecture}, or there is no emulator for it."
            );
            emulator = [$"/usr/bin/qemu-{machine}", "-L", $"/usr/{machine}-linux-gnu"];
        }

        string[] pipes = [$"{_folder}/out", $"{_folder}/err", $"{_folder}/ready", $"{Prefix}.sync"];
        await Shell.RunAsync("mkfifo", pipes);
        var before = DateTime.UtcNow;
        using var helper = Process.Start(
            "sh",
            [
                "-c",
                "out=$1 err=$2 ready=$3; shift 3; exec \"$@\" 3< \"$out\" 4< \"$err\" 5> \"$ready\"",
                "sh",
                .. pipes[..3],
                .. emulator,
                Path.Combine(Repository.Module, "lib", $"linux-{architecture}", "containerd-helper"),
                "log",
                $"{MaxSize}:2:0:{Prefix}",
            ]
        );
        try
        {
            // A pipe opens when its other end does.
            using var stdout = new FileStream(pipes[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            using var stderr = new FileStream(pipes[1], FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            using var ready = new FileStream(pipes[2], FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            Assert.Equal(-1, ready.ReadByte());
            Assert.True(LogHelper.Runs(Prefix));

            var line = new string('x', 20000) + "\n";
            await SayAsync(stdout, "one\n");
            await SayAsync(stderr, "two\n");
            await SayAsync(stdout, line);
            await SayAsync(stdout, "ä\nunended");
            var after = DateTime.UtcNow;
            var first = $"{Prefix}.1.log";
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(first));
            var records = (await File.ReadAllLinesAsync(first)).Select(text => Record().Match(text)).ToList();
            Assert.All(records, record => Assert.True(record.Success));
            Assert.Equal(["stdout", "stderr", "stdout"], records.Take(3).Select(record => record.Groups["stream"].Value));
            var texts = records.ToLookup(
                record => record.Groups["stream"].Value,
                record => record.Groups["text"].Value + (record.Groups["whole"].Value == "F" ? "\n" : "")
            );
            Assert.Equal("one\n" + line + "ä\nunended", string.Concat(texts["stdout"]));
            Assert.Equal("two\n", string.Concat(texts["stderr"]));
            var times = records
                .Select(record => DateTime.Parse(record.Groups["time"].Value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind))
                .ToList();
            Assert.Equal(times.Order(), times);
            Assert.InRange(times[0], before, after);
            Assert.InRange(times[^1], before, after);

            for (var i = 0; i < 10; i++)
                await SayAsync(stdout, line);
        }
        finally
        {
            // Its pipes are closed.
            if (!helper.WaitForExit(TimeSpan.FromSeconds(20)))
                helper.Kill();
        }

        Assert.Equal(0, helper.ExitCode);
        var files = new DirectoryInfo(_folder).GetFiles("1.*.log").ToList();
        Assert.Equal(2, files.Count);
        Assert.All(files, file => Assert.InRange(file.Length, 1, MaxSize));
        Assert.False(File.Exists($"{Prefix}.1.log"));
    }

    /// <summary>Writes to the helper, and waits until it has written that.</summary>
    private async Task SayAsync(FileStream stream, string text)
    {
        await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
        Assert.True(await LogHelper.SyncAsync(Prefix, terminal: false, TestContext.Current.CancellationToken));
    }

    [GeneratedRegex(@"^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z) (?<stream>stdout|stderr) (?<whole>[FP]) (?<text>.{0,16384})$")]
    private static partial Regex Record();
}
