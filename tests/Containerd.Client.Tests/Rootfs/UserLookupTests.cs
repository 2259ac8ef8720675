using System.Text;

namespace Containerd.Client.Tests.Rootfs;

public sealed class UserLookupTests
{
    private const string Passwd = """
        root:x:0:0:root:/root:/bin/sh
        # a comment
        broken line
        web:x:1000:1001:Web:/srv:/bin/sh
        huge:x:99999999999:1:::
        ops:x:1002:1002::/:/bin/sh
        42:x:7:8:a name of digits:/:/bin/sh
        """;

    private const string Group = """
        root:x:0:root
        web:x:1001:
        logs:x:2000:web, ops
        tape:x:26:ops,web
        ::
        nomembers:x:30
        wrap:x:4294967296:web
        """;

    [Theory]
    [InlineData("", "0:0", "0")]
    [InlineData("root", "0:0", "0")]
    [InlineData("web", "1000:1001", "1001 2000 26")]
    [InlineData("1000", "1000:1001", "1001 2000 26")]
    [InlineData("1000:0", "1000:0", "0")]
    [InlineData("web:tape", "1000:26", "26")]
    [InlineData("web:", "1000:1001", "1001 2000 26")]
    [InlineData("5", "5:0", "0")]
    [InlineData("5:6", "5:6", "6")]
    [InlineData("5:logs", "5:2000", "2000")]
    [InlineData("42", "7:8", "8")]
    [InlineData("web:nomembers", "1000:30", "30")]
    public void Users_are_found_as_Docker_finds_them(string user, string expected, string groups)
    {
        var found = Lookup(Passwd, Group).Find(user, []);
        Assert.Equal(expected, found.ToString());
        Assert.Equal(groups, string.Join(' ', found.AdditionalGids!));
    }

    [Fact]
    public void Additional_groups_join_the_others_once()
    {
        var found = Lookup(Passwd, Group).Find("web", ["tape", "77", "root"]);
        Assert.Equal([1001u, 2000, 26, 77, 0], found.AdditionalGids!);
    }

    [Theory]
    [InlineData("nobody", "UserNotFound")]
    [InlineData("huge", "UserNotFound")]
    [InlineData("web:nogroup", "GroupNotFound")]
    [InlineData("0:wrap", "GroupNotFound")]
    public void An_unknown_name_is_not_found(string user, string errorId)
    {
        var e = Assert.Throws<CtrNotFoundException>(() => Lookup(Passwd, Group).Find(user, []));
        Assert.Equal(errorId, e.ErrorId);
        Assert.NotNull(e.Remedy);
    }

    [Theory]
    [InlineData("4294967296")]
    [InlineData("2147483648")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    [InlineData("0:4294967296")]
    [InlineData("a:b:c")]
    public void A_number_that_would_wrap_around_is_refused(string user) =>
        Assert.Equal("InvalidUser", Assert.Throws<CtrArgumentException>(() => Lookup(Passwd, Group).Find(user, [])).ErrorId);

    [Fact]
    public void Without_files_numbers_still_work()
    {
        var lookup = new UserLookup(null, null);
        Assert.Equal("12:0", lookup.Find("12", []).ToString());
        Assert.Equal("0:0", lookup.Find("", []).ToString());
        Assert.Equal("UserNotFound", Assert.Throws<CtrNotFoundException>(() => lookup.Find("root", [])).ErrorId);
    }

    [Fact]
    public void A_file_without_end_does_not_fill_the_memory()
    {
        using var endless = new EndlessStream();
        Assert.Equal("UserFileTooLarge", Assert.Throws<CtrDataException>(() => new UserLookup(endless, null)).ErrorId);
        Assert.True(endless.Given < 32 << 20);
    }

    [Theory]
    [InlineData("", "0:0")]
    [InlineData("root", "0:0")]
    [InlineData("5:6", "5:6")]
    [InlineData("5", null)]
    [InlineData("web", null)]
    [InlineData("5:web", null)]
    public void Numbers_need_no_root_filesystem(string user, string? expected) => Assert.Equal(expected, UserLookup.FindByNumber(user, [])?.ToString());

    private static UserLookup Lookup(string passwd, string group) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(passwd)), new MemoryStream(Encoding.UTF8.GetBytes(group)));

    private sealed class EndlessStream : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'a');
            Given += count;
            return count;
        }

        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
