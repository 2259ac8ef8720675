using System.Text;
using Containerd.Host;

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
    [InlineData("42", "42:0", "0")]
    [InlineData("+5:+6", "5:6", "6")]
    [InlineData("007", "7:8", "8")]
    [InlineData("web:nomembers", "1000:30", "30")]
    public void Users_are_found_as_Docker_finds_them(string user, string expected, string groups)
    {
        var found = Lookup(Passwd, Group).Find(user, []);
        Assert.Equal(expected, found.ToString());
        Assert.Equal(groups, string.Join(' ', found.AdditionalGids!));
    }

    // The table of docs/architecture.md, "Files from elsewhere".
    [Theory]
    [InlineData("web:x:1000:1001:::", "web", "1000:1001")]
    [InlineData("web:x:1000:1001", "web", "1000:1001")]
    [InlineData("web:x:1000", "web", "1000:0")]
    [InlineData("web:x:1000:", "web", "1000:0")]
    [InlineData("web:x:1000:staff", "web", "1000:0")]
    [InlineData("web:x:1000:1001:::\r\n\r\n", "web", "1000:1001")]
    [InlineData("\n  \n # note\n  web:x:1000:1001::: \n", "web", "1000:1001")]
    [InlineData("\uFEFFweb:x:1000:1001:::", "web", "1000:1001")]
    [InlineData("web:x:1000:1001:::\nweb:x:2:3:::", "web", "1000:1001")]
    [InlineData("a:x:7:8:::\nb:x:7:9:::", "7", "7:8")]
    [InlineData("+::::::\n+@all::::::\n-bad::::::\nweb:x:1000:1001:::", "web", "1000:1001")]
    [InlineData("+::::::\nroot:x:0:5:::", "0", "0:5")]
    [InlineData("web:x:2147483647:2147483647:::", "web", "2147483647:2147483647")]
    [InlineData("web:x:+1000:007:::", "web", "1000:7")]
    [InlineData("web:*:1000:1001:a:b:c:d:e", "web", "1000:1001")]
    [InlineData("web", "web", null)]
    [InlineData("web::", "web", null)]
    [InlineData("web:x:me:1001:::", "web", null)]
    [InlineData("web:x:-2:1001:::", "web", null)]
    [InlineData("web:x:2147483648:1001:::", "web", null)]
    [InlineData("web:x:1000:4294967296:::", "web", null)]
    [InlineData("#web:x:1000:1001:::", "web", null)]
    [InlineData(":x:1000:1001:::", "", "0:0")]
    [InlineData("1000:x:0:0:::", "1000", "1000:0")]
    public void A_line_of_passwd_is_accepted_as_by_Go_unless_it_would_make_a_user_root(string passwd, string user, string? expected)
    {
        var lookup = Lookup(passwd, "");
        if (expected is not null)
            Assert.Equal(expected, lookup.Find(user, []).ToString());
        else
            Assert.Equal(ErrorIds.UserNotFound, Assert.Throws<CtrNotFoundException>(() => lookup.Find(user, [])).ErrorId);
    }

    [Theory]
    [InlineData("logs:x:30:web", "30")]
    [InlineData("logs:x:30:web,", "30")]
    [InlineData("logs:x:30:ops, web\r\n", "30")]
    [InlineData("\n# note\n logs:x:30:web", "30")]
    [InlineData("logs:x:30:web\nlogs:x:31:web", "30 31")]
    [InlineData("logs:x:30:web,web\nlogs:x:30:web", "30")]
    [InlineData("+:::web\n+::0:web\nlogs:x:30:web:more", "30")]
    [InlineData("logs:x::web", "")]
    [InlineData("logs:x:many:web", "")]
    [InlineData("logs:x:4294967296:web", "")]
    [InlineData("logs:x:30", "")]
    public void A_line_of_group_is_accepted_as_by_Go_unless_it_would_result_in_group_0(string group, string expected) =>
        Assert.Equal(("1001 " + expected).Trim(), string.Join(' ', Lookup("web:x:1000:1001:::", group).Find("web", []).AdditionalGids!));

    [Fact]
    public void Digits_are_a_number_and_not_a_name()
    {
        var lookup = Lookup("1000:x:0:0:::", "30:x:0:");
        Assert.Equal("1000:30", lookup.Find("1000:30", []).ToString());
        Assert.Equal([0u, 30], lookup.Find("5", ["30"]).AdditionalGids!);
    }

    [Fact]
    public void Additional_groups_join_the_others_once()
    {
        var found = Lookup(Passwd, Group).Find("web", ["tape", "77", "root"]);
        Assert.Equal([1001u, 2000, 26, 77, 0], found.AdditionalGids!);
    }

    [Theory]
    [InlineData("nobody", ErrorIds.UserNotFound)]
    [InlineData("huge", ErrorIds.UserNotFound)]
    [InlineData("web:nogroup", ErrorIds.GroupNotFound)]
    [InlineData("0:wrap", ErrorIds.GroupNotFound)]
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
    public void A_number_that_would_wrap_around_is_rejected(string user) =>
        Assert.Equal(ErrorIds.InvalidUser, Assert.Throws<CtrArgumentException>(() => Lookup(Passwd, Group).Find(user, [])).ErrorId);

    [Fact]
    public void Without_files_numbers_still_work()
    {
        var lookup = new UserLookup(null, null);
        Assert.Equal("12:0", lookup.Find("12", []).ToString());
        Assert.Equal("0:0", lookup.Find("", []).ToString());
        Assert.Equal(ErrorIds.UserNotFound, Assert.Throws<CtrNotFoundException>(() => lookup.Find("root", [])).ErrorId);
    }

    [Fact]
    public void A_file_without_end_does_not_exhaust_memory()
    {
        using var endless = new EndlessStream();
        Assert.Equal(ErrorIds.UserFileTooLarge, Assert.Throws<CtrDataException>(() => new UserLookup(endless, null)).ErrorId);
        Assert.True(endless.Given < 32 << 20);
    }

    [Theory]
    [InlineData("", "0:0")]
    [InlineData("root", "0:0")]
    [InlineData("5:6", "5:6")]
    [InlineData("5", null)]
    [InlineData("web", null)]
    [InlineData("5:web", null)]
    public void Numbers_need_no_root_filesystem(string user, string? expected) =>
        Assert.Equal(expected, UserLookup.FindByNumber(user, [])?.ToString());

    private static UserLookup Lookup(string passwd, string group) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(passwd)), new MemoryStream(Encoding.UTF8.GetBytes(group)));

    private sealed class EndlessStream : Stream
    {
        public long Given { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

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
