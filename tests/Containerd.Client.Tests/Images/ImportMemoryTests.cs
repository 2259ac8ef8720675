using System.Formats.Tar;
using System.Text;
using Containerd.Oci;

namespace Containerd.Client.Tests.Images;

/// <summary>The memory that an import uses, which is that of the whole process: so no other test runs beside it.</summary>
[Collection(Alone.Name)]
public sealed class ImportMemoryTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    [Fact]
    public async Task A_large_archive_is_imported_in_little_memory()
    {
        var space = fixture.Space();
        var archive = space.File("large.tar");
        using (var tar = new TarWriter(File.Create(archive), TarEntryFormat.Pax))
        {
            var config =
                $$$"""{"architecture":"{{{LayoutBuilder.HostPlatform.Split('/')[1]}}}","os":"linux","rootfs":{"diff_ids":["sha256:{{{new string('0', 64)}}}"]}}""";
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "config.json") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(config)) }
            );
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "layer.tar") { DataStream = new Endless(256 << 20) });
            tar.WriteEntry(
                new PaxTarEntry(TarEntryType.RegularFile, "manifest.json")
                {
                    DataStream = new MemoryStream(
                        """[{"Config":"config.json","RepoTags":["large:1"],"Layers":["layer.tar"]}]"""u8.ToArray()
                    ),
                }
            );
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        await space.ImportAsync(
            archive,
            new ImageImportOptions { Unpack = false },
            new Inline(_ => most = Math.Max(most, GC.GetTotalMemory(false)))
        );
        Assert.True(most - before < 64 << 20, $"{most - before >> 20} MiB");
    }

    /// <summary>Bytes without end, of which a number are given.</summary>
    private sealed class Endless(long length) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position
        {
            get => _position;
            set => _position = value;
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            count = (int)Math.Min(count, length - _position);
            _position += count;
            return count;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class Inline(Action<ImageProgress> report) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => report(value);
    }
}
