using System.Text;
using Containerd.Host.Files;

namespace Containerd.Client.Tests.Files;

/// <summary>Paths as bytes.</summary>
public sealed class FileNameTests
{
    [Theory]
    [InlineData("/a/b", "/a/", "b")]
    [InlineData("/a/b//", "/a/", "b")]
    [InlineData("/a", "/", "a")]
    [InlineData("a", "", "a")]
    [InlineData("/", "", "")]
    [InlineData("/a/.", "/a/", ".")]
    public void A_path_is_split_before_its_last_name(string path, string folder, string name)
    {
        var split = FileName.Split(FileName.Parse(path));
        Assert.Equal((folder, name), (Encoding.UTF8.GetString(split.Folder), Encoding.UTF8.GetString(split.Name)));
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("", "/")]
    [InlineData("/a//b/./c/", "/a/b/c")]
    [InlineData("/a/../../b", "/b")]
    [InlineData("a/..", "/")]
    [InlineData("/...", "/...")]
    public void A_path_is_processed_as_text(string path, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(FileName.Normalize(FileName.Parse(path))));

    [Theory]
    [InlineData("/a/b", "/a", true)]
    [InlineData("/a", "/a", true)]
    [InlineData("/a", "/a/", true)]
    [InlineData("/ab", "/a", false)]
    [InlineData("/", "/a", false)]
    [InlineData("/a", "/", true)]
    public void A_path_is_below_another_one(string path, string folder, bool expected) =>
        Assert.Equal(expected, FileName.IsAtOrBelow(FileName.Parse(path), FileName.Parse(folder)));

    [Fact]
    public void Paths_are_displayed_on_one_line_with_every_byte_distinguished()
    {
        Assert.Equal("größe/\\x0A\\xFF\\xC3/x", FileName.Show([.. "größe/\n"u8, 0xFF, 0xC3, .. "/x"u8]));
        Assert.Equal("größe", FileName.Text("größe"u8));
        Assert.Null(FileName.Text([0xFF]));
    }

    // No theory: half a surrogate pair does not survive in an attribute.
    [Fact]
    public void Objects_that_cannot_be_bytes_are_rejected() =>
        Assert.All(["a\0b", "a\ud800"], path =>
            Assert.Equal(ErrorIds.InvalidPath, Assert.Throws<CtrArgumentException>(() => FileName.Parse(path)).ErrorId)
        );
}
