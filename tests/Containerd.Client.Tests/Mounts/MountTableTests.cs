using Containerd.Host.Files;
using Containerd.Host.Mounts;
using Containerd.Testing;

namespace Containerd.Client.Tests.Mounts;

public sealed class MountTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-table-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(@"a\040b", "a b")]
    [InlineData(@"\011\012\134", "\t\n\\")]
    [InlineData(@"\134040", @"\040")]
    [InlineData(@"ü\040ü\", @"ü ü\")]
    [InlineData(@"\9", @"\9")]
    public void The_kernels_escapes_are_decoded(string text, string expected) => Assert.Equal(expected, MountTable.Unescape(text));

    [Fact]
    public async Task A_mount_on_an_odd_name_is_found_and_its_folder_is_not_removed()
    {
        var point = Directory.CreateDirectory(Path.Combine(_folder, "outer", " a\tb\nc\rd\\e\\040\u00fc")).FullName;
        await File.WriteAllTextAsync(Path.Combine(point, "below"), "");
        await Shell.RunAsync("mount", "-t", "tmpfs", "tmpfs", point);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(point, "precious"), "");
            Assert.Equal(1, MountTable.Count(point));
            Assert.Equal(point, MountTable.Below(_folder));
            Assert.Null(MountTable.Below(point));
            // Through a link above it too, while a link itself is removed as a link.
            var link = Directory.CreateSymbolicLink(Path.Combine(_folder, "link"), _folder).FullName;
            Assert.False(PrivateTree.TryRemove(Path.Combine(link, "outer")));
            Assert.True(PrivateTree.TryRemove(link));
            Assert.True(File.Exists(Path.Combine(point, "precious")));
        }
        finally
        {
            await Shell.RunAsync("umount", point);
        }

        Assert.True(PrivateTree.TryRemove(Path.Combine(_folder, "outer")));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        Assert.True(PrivateTree.TryRemove(Path.Combine(_folder, "outer")));
    }
}
