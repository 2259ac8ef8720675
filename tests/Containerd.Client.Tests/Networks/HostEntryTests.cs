namespace Containerd.Client.Tests.Networks;

public sealed class HostEntryTests
{
    [Theory]
    [InlineData("db:10.0.0.5", "db", "10.0.0.5")]
    [InlineData("db=10.0.0.5", "db", "10.0.0.5")]
    [InlineData("host.docker.internal:host-gateway", "host.docker.internal", "host-gateway")]
    [InlineData("db_1:fd00::5", "db_1", "fd00::5")]
    [InlineData("db:[fd00::5]", "db", "fd00::5")]
    [InlineData(" db : ::1 ", "db", "::1")]
    public void Entries_are_read_and_written(string text, string name, string address)
    {
        var entry = CtrHostEntry.Parse(text);
        Assert.Equal((name, address), (entry.Name, entry.Address));
        Assert.Equal((name, address), (CtrHostEntry.Parse(entry.ToString()).Name, CtrHostEntry.Parse(entry.ToString()).Address));
    }

    [Theory]
    [InlineData("db", "no address")]
    [InlineData("db:", "no address")]
    [InlineData(":10.0.0.5", "no name")]
    [InlineData("a b:10.0.0.5", "'a b'")]
    [InlineData("a\nb:10.0.0.5", "not a valid host name")]
    [InlineData("-a:10.0.0.5", "'-a'")]
    [InlineData("db:10.5", "'10.5'")]
    [InlineData("db:010.0.0.5", "'010.0.0.5'")]
    [InlineData("db:web", "'web'")]
    [InlineData("db:fe80::1%eth0", "not an IP address")]
    public void An_invalid_entry_is_rejected_with_the_reason(string text, string reason)
    {
        var error = Assert.Throws<CtrArgumentException>(() => CtrHostEntry.Parse(text));
        Assert.Equal(ErrorIds.InvalidHostEntry, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
