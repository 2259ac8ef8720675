using System.Security.Cryptography;
using System.Text;
using Containerd.Host.Logs;
using Containerd.Host.Native;
using Containerd.Testing;

namespace Containerd.Client.Tests.Logs;

/// <summary>A file that grows while it is read, and its end.</summary>
public sealed class FollowedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-follow-").FullName;
    private readonly TaskCompletionSource _ended = new();

    private string Path => System.IO.Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_stream_ends_when_the_process_has_exited_and_its_writer_has_closed_the_file()
    {
        using var writer = Writer(Path);
        using var file = new FollowedFile(Path, _ended.Task);
        var reading = ReadAsync(file);
        writer.Write("early "u8);
        await Eventually.TrueAsync(() => file.Position == 6);
        _ended.SetResult();
        await Task.Delay(300);
        Assert.False(reading.IsCompleted);
        writer.Write("late"u8);
        writer.Dispose();
        Assert.Equal("early late", await reading);
        Assert.False(file.IsHeld);
    }

    [Fact]
    public async Task A_writer_that_closes_the_file_before_the_process_exits_does_not_end_the_stream()
    {
        Writer(Path).Dispose();
        using var file = new FollowedFile(Path, _ended.Task);
        var reading = ReadAsync(file);
        await Task.Delay(300);
        Assert.False(reading.IsCompleted);
        File.AppendAllText(Path, "more");
        await Eventually.TrueAsync(() => file.Position == 4);
        _ended.SetResult();
        Assert.Equal("more", await reading);
    }

    [Fact]
    public async Task A_silent_writer_that_outlives_the_process_is_abandoned_with_a_warning()
    {
        using var writer = Writer(Path);
        writer.Write("all"u8);
        _ended.SetResult();
        using var file = new FollowedFile(Path, _ended.Task);
        Assert.Equal("all", await ReadAsync(file));
        Assert.True(file.IsHeld);
    }

    [Fact]
    public async Task A_child_that_never_stops_writing_is_abandoned_too()
    {
        using var writer = Writer(Path);
        using var enough = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                writer.Write("x"u8);
                await Task.Delay(5);
            }
        });
        _ended.SetResult();
        using var file = new FollowedFile(Path, _ended.Task);
        Assert.NotEmpty(await ReadAsync(file).WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.True(file.IsHeld);
        await enough.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_snapshot_ends_with_the_file_and_a_start_at_its_end_reads_only_new_data()
    {
        using var writer = Writer(Path);
        writer.Write("old"u8);
        using (var snapshot = new FollowedFile(Path, null))
            Assert.Equal("old", await ReadAsync(snapshot));
        using (var part = new FollowedFile(Path, null))
        {
            part.SkipTo(1);
            Assert.Equal("ld", await ReadAsync(part));
        }

        using var file = new FollowedFile(Path, fromEnd: true);
        writer.Write("new"u8);
        Assert.Equal((3, 6), (file.Behind, file.Length));
        writer.Dispose();
        file.Finish();
        Assert.Equal("new", await ReadAsync(file));
    }

    [Fact]
    public async Task A_truncated_file_is_read_from_its_beginning()
    {
        File.WriteAllText(Path, "a long first part");
        using var file = new FollowedFile(Path, _ended.Task);
        var reading = ReadAsync(file);
        await Eventually.TrueAsync(() => file.Position == 17);
        File.WriteAllText(Path, "");
        File.AppendAllText(Path, "next");
        await Eventually.TrueAsync(() => file.Position == 4);
        _ended.SetResult();
        Assert.Equal("a long first partnext", await reading);
    }

    [Fact]
    public async Task Waiting_ends_when_the_caller_cancels_and_when_the_wait_for_the_process_fails()
    {
        File.WriteAllText(Path, "");
        using var giveUp = new CancellationTokenSource();
        using var file = new FollowedFile(Path, _ended.Task);
        var reading = file.ReadAsync(new byte[10], giveUp.Token).AsTask();
        await Task.Delay(50);
        Assert.False(reading.IsCompleted);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        reading = file.ReadAsync(new byte[10], CancellationToken.None).AsTask();
        _ended.SetException(new CtrConnectionException("gone"));
        await Assert.ThrowsAsync<CtrConnectionException>(() => reading);
    }

    [Fact]
    public async Task Nothing_is_lost_when_the_writer_switches_files()
    {
        string Part(int number) => System.IO.Path.Combine(_folder, $"{number}");
        string? After(string path) => Part(int.Parse(System.IO.Path.GetFileName(path)) + 1) is var next && File.Exists(next) ? next : null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var writer = Writer(Part(1));
        using var file = new FollowedFile(Part(1), _ended.Task) { Next = After };
        var reading = HashAsync(file);
        for (var number = 1; number <= 400; number++)
        {
            var chunk = RandomNumberGenerator.GetBytes(1 + (number * 37 % 5000));
            hash.AppendData(chunk);
            writer.Write(chunk);
            if (number % 4 != 0)
                continue;
            var next = Writer(Part((number / 4) + 1));
            writer.Dispose();
            writer = next;
        }

        await Task.Delay(100);
        Assert.False(reading.IsCompleted);
        writer.Dispose();
        _ended.SetResult();
        Assert.Equal(hash.GetHashAndReset(), await reading);
    }

    [Fact]
    public async Task Checking_for_a_writer_does_not_affect_a_process_that_opens_the_file_at_that_moment()
    {
        File.WriteAllText(Path, "");
        using var handle = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await NobodyWritesAsync();
        using (Writer(Path))
            Assert.True(LibcWatch.HasWriter(handle));
        var opening = Task.Run(() =>
        {
            for (var i = 0; i < 3000; i++)
                Writer(Path).Dispose();
        });
        var seen = 0;
        while (!opening.IsCompleted)
            seen += LibcWatch.HasWriter(handle) == true ? 1 : 0;
        await opening;
        Assert.True(seen > 0);
        await NobodyWritesAsync();

        // A program that another test starts has this one's files open until it is its own.
        Task NobodyWritesAsync() => Eventually.TrueAsync(() => LibcWatch.HasWriter(handle) == false);
    }

    [Fact]
    public async Task Many_followers_of_one_file_and_of_many_all_see_everything()
    {
        var paths = Enumerable.Range(0, 20).Select(i => System.IO.Path.Combine(_folder, $"many{i % 10}")).ToArray();
        var writers = paths.Distinct().Select(Writer).ToList();
        var files = paths.Select(p => new FollowedFile(p, _ended.Task)).ToList();
        var readings = files.Select(ReadAsync).ToList();
        for (var i = 0; i < 50; i++)
        {
            writers.ForEach(w => w.Write(Encoding.UTF8.GetBytes($"{i} ")));
            await Task.Delay(2);
        }

        writers.ForEach(w => w.Dispose());
        _ended.SetResult();
        var expected = string.Concat(Enumerable.Range(0, 50).Select(i => $"{i} "));
        Assert.All(await Task.WhenAll(readings), text => Assert.Equal(expected, text));
        files.ForEach(f => f.Dispose());
    }

    private static FileStream Writer(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Append,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            }
        );

    private static async Task<string> ReadAsync(FollowedFile file)
    {
        using var all = new MemoryStream();
        await file.CopyToAsync(all);
        return Encoding.UTF8.GetString(all.ToArray());
    }

    private static async Task<byte[]> HashAsync(FollowedFile file) => await SHA256.HashDataAsync(file);
}
