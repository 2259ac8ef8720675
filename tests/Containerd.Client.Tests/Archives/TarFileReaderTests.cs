using System.Text;
using Containerd.Client.Workloads.Stats;
using Containerd.Oci.Archives;
using Containerd.Testing;

namespace Containerd.Client.Tests.Archives;

/// <summary>Tars of all kinds, held against GNU tar, and broken ones.</summary>
public sealed class TarFileReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-tar-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--format=gnu", 3)]
    [InlineData("--format=gnu", 60)]
    [InlineData("--format=oldgnu", 60)]
    [InlineData("--format=pax --sparse-version=0.0", 60)]
    [InlineData("--format=pax --sparse-version=0.1", 60)]
    [InlineData("--format=pax --sparse-version=1.0", 60)]
    public async Task Sparse_files_are_read_with_their_holes(string form, int parts)
    {
        var path = Path.Combine(_folder, "sparse");
        await using (var file = File.Create(path))
        {
            for (var i = 0; i < parts; i++)
            {
                file.Position = i * 65536L;
                file.Write(Encoding.ASCII.GetBytes($"part {i}"));
            }

            file.SetLength((parts * 65536L) + 12345);
        }

        await Shell.RunAsync("sh", "-c", $"cd {_folder} && echo before > a && echo after > z && tar -S {form} -cf out.tar a sparse z");
        var tar = await File.ReadAllBytesAsync(Path.Combine(_folder, "out.tar"), TestContext.Current.CancellationToken);
        Assert.True(tar.Length < parts * 32768, "the archive is not sparse");

        var files = await ReadAsync(tar);

        Assert.Equal(["a", "sparse", "z"], files.Select(f => f.Name));
        Assert.Equal("before\n", Encoding.UTF8.GetString(files[0].Data));
        Assert.Equal(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), files[1].Data);
        Assert.Equal("after\n", Encoding.UTF8.GetString(files[2].Data));
    }

    [Theory]
    [InlineData("--format=v7")]
    [InlineData("--format=ustar")]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax")]
    public async Task Names_links_and_types_are_those_that_were_packed(string form)
    {
        var deep = form.EndsWith("v7", StringComparison.Ordinal)
            ? "short"
            : string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", form.EndsWith("ustar", StringComparison.Ordinal) ? 8 : 20));
        await Shell.RunAsync(
            "sh",
            "-c",
            $"cd {_folder} && mkdir -p top/{deep} && echo text > top/{deep}/ünï && cd top && ln -s short link && echo two > first && ln first second && tar {form} -cf ../out.tar --sort=name ."
        );

        var files = await ReadAsync(await File.ReadAllBytesAsync(Path.Combine(_folder, "out.tar"), TestContext.Current.CancellationToken));

        Assert.Single(files, f => f is { Name: "./link", Kind: TarFileKind.SymbolicLink, LinkName: "short" });
        Assert.Single(files, f => f is { Name: "./second", Kind: TarFileKind.HardLink, LinkName: "./first" });
        Assert.Equal("two\n", Encoding.UTF8.GetString(Assert.Single(files, f => f is { Name: "./first", Kind: TarFileKind.File }).Data));
        Assert.Equal(
            "text\n",
            Encoding.UTF8.GetString(Assert.Single(files, f => f.Name == $"./{deep}/ünï" && f.Kind == TarFileKind.File).Data)
        );
        Assert.Equal(files.Count - 4, files.Count(f => f.Kind == TarFileKind.Other && f.Name.EndsWith('/')));
    }

    [Fact]
    public async Task An_impossible_time_does_not_matter()
    {
        var tar = new RawTar()
            .Add("gnu", "one"u8.ToArray(), magic: "ustar  \0", change: h =>
                new byte[] { 0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 }.CopyTo(h, 136)
            )
            .Pax(("mtime", "99999999999999.5"), ("atime", "-1"))
            .Add("pax", "two"u8.ToArray())
            .End();
        Assert.Equal(["one", "two"], (await ReadAsync(tar)).Select(f => Encoding.UTF8.GetString(f.Data)));
    }

    [Fact]
    public async Task Holes_are_limited_and_the_error_contains_the_remedy()
    {
        var tar = new RawTar()
            .Pax(("GNU.sparse.size", "5368709120"), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.map", "0,3"), ("GNU.sparse.name", "big"))
            .Add("GNUSparseFile.1/big", "abc"u8.ToArray())
            .End();
        var error = await Assert.ThrowsAsync<TarFaultException>(() => ReadAsync(tar));
        Assert.Contains("4 GiB", error.Message, StringComparison.Ordinal);
        Assert.Contains("sparse", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('L')]
    [InlineData('K')]
    public async Task A_header_of_gigabytes_is_refused_before_it_is_read(char type)
    {
        var tar = new RawTar().Add("header", [], type, size: 2L << 30).End();
        var error = await Assert.ThrowsAsync<TarFaultException>(() => ReadAsync(tar));
        Assert.Contains("at most 1 MiB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0,1,0,1", "100", "2")]
    [InlineData("0,99999999999999999999", "100", "1")]
    [InlineData("99,5", "100", "1")]
    [InlineData("0,1,2", "100", "1")]
    [InlineData("0,2", "x", "1")]
    public async Task A_wrong_map_is_an_error_that_names_the_file(string map, string size, string count)
    {
        var tar = new RawTar()
            .Pax(("GNU.sparse.size", size), ("GNU.sparse.numblocks", count), ("GNU.sparse.map", map), ("GNU.sparse.name", "wrong"))
            .Add("x", "abc"u8.ToArray())
            .End();
        var error = await Assert.ThrowsAsync<TarFaultException>(() => ReadAsync(tar));
        Assert.Contains("sparse file 'wrong'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2", "0")]
    [InlineData("1", "1")]
    public async Task An_unknown_sparse_form_is_named(string major, string minor)
    {
        var tar = new RawTar()
            .Pax(("GNU.sparse.major", major), ("GNU.sparse.minor", minor), ("GNU.sparse.realsize", "3"), ("GNU.sparse.name", "later"))
            .Add("x", "abc"u8.ToArray())
            .End();
        var error = await Assert.ThrowsAsync<TarFaultException>(() => ReadAsync(tar));
        Assert.Contains($"sparse file in the pax form {major}.{minor}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tar_that_is_truncated_anywhere_is_detected()
    {
        var whole = new RawTar().Add("a", new byte[700]).Pax(("path", "b")).Add("x", new byte[10]).End();
        for (var length = 0; length <= whole.Length - 1024; length += 100)
            await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAsync(whole[..length]));
        Assert.Equal(2, (await ReadAsync(whole)).Count);
    }

    private static async Task<List<(string Name, TarFileKind Kind, string LinkName, byte[] Data)>> ReadAsync(byte[] tar)
    {
        var files = new List<(string, TarFileKind, string, byte[])>();
        var reader = new TarFileReader(new MemoryStream(tar));
        while (await reader.NextAsync(TestContext.Current.CancellationToken) is { } entry)
        {
            using var data = new MemoryStream();
            if (entry.Kind == TarFileKind.File)
                await entry.Data.CopyToAsync(data, TestContext.Current.CancellationToken);
            Assert.Equal(entry.Length, data.Length);
            files.Add((entry.Name, entry.Kind, entry.LinkName, data.ToArray()));
        }

        return files;
    }
}
