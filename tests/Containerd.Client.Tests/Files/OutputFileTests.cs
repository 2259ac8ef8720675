using System.Buffers.Binary;
using System.IO.Pipes;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Testing;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Tests.Files;

/// <summary>What stands at an output file's path stays what it is.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-output-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_new_file_is_complete_and_has_the_default_mode()
    {
        await WriteAsync("new", "bytes");
        Assert.Equal("bytes", Text("new"));
        Assert.Equal(await RunAsync("touch usual; stat -c '%a %u:%g' usual"), await RunAsync("stat -c '%a %u:%g' new"));
        Assert.Equal(["new", "usual"], Names());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_another_process_creates_meanwhile_exists(bool noClobber)
    {
        using var destination = OutputDestination.Find(PathOf("new"), noClobber);
        File.WriteAllText(PathOf("new"), "theirs");
        Assert.Null(destination.Create());
        if (noClobber)
        {
            var error = await Assert.ThrowsAsync<CtrConflictException>(() =>
                destination.OpenInPlaceAsync(TestContext.Current.CancellationToken)
            );
            Assert.Equal(ErrorIds.FileExists, error.ErrorId);
        }
        else
        {
            await using var stream = await destination.OpenInPlaceAsync(TestContext.Current.CancellationToken);
            stream.Write("our"u8);
        }

        // It would be removed if nothing were written to it.
        Assert.False(destination.IsNew);
        Assert.Equal(noClobber ? "theirs" : "ourirs", Text("new"));
    }

    [Fact]
    public async Task A_missing_folder_has_its_own_remedy()
    {
        var error = await Assert.ThrowsAsync<CtrFileException>(() => WriteAsync("none/new", "bytes"));
        Assert.Equal((ErrorIds.FileNotWritable, "CreateFolder"), (error.ErrorId, error.RemedyId));
        error = await Assert.ThrowsAsync<CtrFileException>(() =>
            RedirectedFile.OpenAsync(PathOf("none/new"), noClobber: true, TestContext.Current.CancellationToken)
        );
        Assert.Equal((ErrorIds.FileNotWritable, "CreateFolder"), (error.ErrorId, error.RemedyId));
    }

    [Fact]
    public async Task A_replaced_file_keeps_owner_mode_access_list_and_attributes()
    {
        File.WriteAllText(PathOf("old"), "a longer text than the new one");
        await RunAsync("chown 1234:4321 old && chmod 2640 old");
        using (var old = Open("old"))
        {
            Assert.Equal(0, LibcFiles.SetAttribute(old, "trusted.note"u8.ToArray(), "kept"u8.ToArray()));
            Assert.Equal(0, LibcFiles.SetAttribute(old, "system.posix_acl_access"u8.ToArray(), AccessList()));
        }

        var before = await RunAsync("stat -c '%A %u:%g' old");
        await WriteAsync("old", "bytes");

        Assert.Equal("bytes", Text("old"));
        Assert.Equal(before, await RunAsync("stat -c '%A %u:%g' old"));
        using var now = Open("old");
        Assert.Equal("kept", Encoding.UTF8.GetString(LibcFiles.GetAttribute(now, "trusted.note"u8.ToArray())!));
        Assert.Equal(AccessList(), LibcFiles.GetAttribute(now, "system.posix_acl_access"u8.ToArray()));
        Assert.Equal(["old"], Names());
    }

    [Fact]
    public async Task A_replaced_file_is_another_one_and_readers_of_the_old_one_see_its_bytes()
    {
        File.WriteAllText(PathOf("old"), "before");
        using var reader = File.OpenText(PathOf("old"));
        await WriteAsync("old", "after");
        Assert.Equal("before", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("after", Text("old"));
    }

    [Fact]
    public async Task All_hard_links_of_a_file_see_the_new_bytes()
    {
        File.WriteAllText(PathOf("one"), "a longer text than the new one");
        await RunAsync("ln one two");
        await WriteAsync("two", "bytes");
        Assert.Equal("bytes", Text("one"));
        Assert.Equal("2", (await RunAsync("stat -c %h one")).Trim());
        Assert.Equal(["one", "two"], Names());
    }

    [Fact]
    public async Task A_device_is_kept()
    {
        await RunAsync("mknod null c 1 3");
        await WriteAsync("null", "bytes");
        Assert.Equal("character special file 1:3", (await RunAsync("stat -c '%F %t:%T' null")).Trim());
        await RunAsync("mknod full c 1 7");
        var error = await Assert.ThrowsAsync<CtrFileException>(() => WriteAsync("full", "bytes"));
        Assert.Equal(ErrorIds.FileNotWritable, error.ErrorId);
        Assert.Equal("character special file 1:7", (await RunAsync("stat -c '%F %t:%T' full")).Trim());
        Assert.Equal(["full", "null"], Names());
    }

    [Fact]
    public async Task A_named_pipe_carries_the_bytes_to_its_reader()
    {
        await RunAsync("mkfifo pipe");
        // The reader is there before the writer looks for one, and the writer opens its end before the first read.
        await using var reader = new AnonymousPipeClientStream(PipeDirection.In, Libc.OpenFifoToRead(PathOf("pipe")));
        var writing = WriteAsync("pipe", new string('x', 300_000));
        var read = await new StreamReader(reader).ReadToEndAsync(TestContext.Current.CancellationToken);
        await writing;
        Assert.Equal(new string('x', 300_000), read);
        Assert.Equal("fifo", (await RunAsync("stat -c %F pipe")).Trim());
    }

    [Fact]
    public async Task Waiting_for_the_reader_of_a_named_pipe_can_be_cancelled()
    {
        await RunAsync("mkfifo pipe");
        using var giveUp = new CancellationTokenSource();
        var writing = OutputFile.WriteAsync(
            PathOf("pipe"),
            noClobber: false,
            _ => throw new InvalidOperationException("there is no reader"),
            giveUp.Token
        );
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        Assert.Equal("fifo", (await RunAsync("stat -c %F pipe")).Trim());
    }

    [Fact]
    public async Task A_symbolic_link_is_followed_and_kept()
    {
        await RunAsync(
            "mkdir -p real/below && echo old > real/file && ln -s real/below linked && ln -s ../file real/below/link && ln -s nothing dangling"
        );
        // "..", below a directory that is itself reached by a link, is the real directory's parent.
        await WriteAsync("linked/link", "bytes");
        Assert.Equal("bytes", Text("real/file"));
        await WriteAsync("dangling", "new");
        Assert.Equal("new", Text("nothing"));
        Assert.Equal("symbolic link,symbolic link", (await RunAsync("stat -c %F dangling real/below/link")).Trim().Replace('\n', ','));
        await RunAsync("ln -s loop loop");
        Assert.Equal(ErrorIds.FileNotWritable, (await Assert.ThrowsAsync<CtrFileException>(() => WriteAsync("loop", "x"))).ErrorId);
    }

    [Fact]
    public async Task An_open_file_of_a_process_is_written_in_place()
    {
        File.WriteAllText(PathOf("open"), "a longer text than the new one");
        using var file = new FileStream(PathOf("open"), FileMode.Open, FileAccess.ReadWrite);
        await OutputFile.WriteAsync(
            $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}",
            noClobber: false,
            s => s.WriteAsync("bytes"u8.ToArray()).AsTask(),
            CancellationToken.None
        );
        Assert.Equal("bytes", await new StreamReader(file).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("linked")]
    [InlineData("none")]
    public async Task A_failure_keeps_the_existing_file(string kind)
    {
        if (kind != "none")
            File.WriteAllText(PathOf("file"), "before");
        if (kind == "linked")
            await RunAsync("ln file second");
        var names = Names();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            OutputFile.WriteAsync(
                PathOf("file"),
                noClobber: false,
                async s =>
                {
                    await s.WriteAsync("half"u8.ToArray());
                    throw new InvalidOperationException();
                },
                CancellationToken.None
            )
        );
        Assert.Equal(names, Names());
        if (kind != "none")
            Assert.Equal("before", Text("file"));
    }

    [Theory]
    [InlineData("echo before > path")]
    [InlineData("mknod path c 1 3")]
    [InlineData("mkfifo path")]
    [InlineData("ln -s nothing path")]
    public async Task Without_clobbering_all_existing_items_are_rejected(string make)
    {
        await RunAsync(make);
        var before = await RunAsync("stat -c '%F %i' path");
        var error = await Assert.ThrowsAsync<CtrConflictException>(() =>
            OutputFile.WriteAsync(PathOf("path"), noClobber: true, _ => throw new InvalidOperationException(), CancellationToken.None)
        );
        Assert.Equal(ErrorIds.FileExists, error.ErrorId);
        Assert.Equal(before, await RunAsync("stat -c '%F %i' path"));
    }

    [Fact]
    public async Task Without_clobbering_a_file_that_appears_in_the_meantime_is_kept()
    {
        var error = await Assert.ThrowsAsync<CtrConflictException>(() =>
            OutputFile.WriteAsync(
                PathOf("path"),
                noClobber: true,
                async s =>
                {
                    await s.WriteAsync("mine"u8.ToArray());
                    File.WriteAllText(PathOf("path"), "theirs");
                },
                CancellationToken.None
            )
        );
        Assert.Equal(ErrorIds.FileExists, error.ErrorId);
        Assert.Equal("theirs", Text("path"));
        Assert.Equal(["path"], Names());
        await OutputFile.WriteAsync(
            PathOf("other"),
            noClobber: true,
            s => s.WriteAsync("mine"u8.ToArray()).AsTask(),
            CancellationToken.None
        );
        Assert.Equal(["other", "path"], Names());
    }

    [Theory]
    [InlineData("missing/file")]
    [InlineData("folder")]
    [InlineData("folder/")]
    public async Task A_path_that_cannot_be_a_file_is_one_error(string path)
    {
        Directory.CreateDirectory(PathOf("folder"));
        var error = await Assert.ThrowsAnyAsync<CtrException>(() => WriteAsync(path, "x"));
        Assert.Equal(ErrorIds.FileNotWritable, error.ErrorId);
        Assert.Equal(["folder"], Names());
    }

    private Task WriteAsync(string name, string text) =>
        OutputFile.WriteAsync(
            PathOf(name),
            noClobber: false,
            async s =>
            {
                await s.WriteAsync(Encoding.UTF8.GetBytes(text));
                // As a packing stream does.
                await s.DisposeAsync();
            },
            CancellationToken.None
        );

    // The owner may read and write, the user 1000 read, the group read.
    private static byte[] AccessList()
    {
        var list = new byte[4 + (5 * 8)];
        BinaryPrimitives.WriteUInt32LittleEndian(list, 2);
        var at = list.AsSpan(4);
        foreach (
            var (tag, permissions, id) in new (ushort, ushort, uint)[]
            {
                (1, 6, uint.MaxValue),
                (2, 4, 1000),
                (4, 4, uint.MaxValue),
                (16, 4, uint.MaxValue),
                (32, 0, uint.MaxValue),
            }
        )
        {
            BinaryPrimitives.WriteUInt16LittleEndian(at, tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], permissions);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], id);
            at = at[8..];
        }

        return list;
    }

    private SafeFileHandle Open(string name) => LibcMounts.Open(PathOf(name), LibcMounts.O_PATH, out _)!;

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Text(string name) => File.ReadAllText(PathOf(name));

    private string[] Names() =>
        [.. Directory.EnumerateFileSystemEntries(_folder).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal)];

    private Task<string> RunAsync(string script) => Shell.RunAsync("sh", "-c", $"cd {_folder} && {script}");
}
