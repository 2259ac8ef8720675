namespace Containerd.Client.Tests.Specs;

public sealed class ValueTests
{
    [Theory]
    [InlineData("0", 0, "0B")]
    [InlineData("1000", 1000, "1000B")]
    [InlineData("512m", 512L << 20, "512MiB")]
    [InlineData("1g", 1L << 30, "1GiB")]
    [InlineData("64KiB", 64 << 10, "64KiB")]
    [InlineData("1.5GB", 3L << 29, "1.5GiB")]
    [InlineData(" 2 TB ", 2L << 40, "2TiB")]
    [InlineData("7e", 7L << 60, "7EiB")]
    [InlineData("12b", 12, "12B")]
    [InlineData("-1", -1, "-1")]
    [InlineData("9223372036854775807", long.MaxValue, "8EiB")]
    public void Sizes_parse_and_read_well(string text, long bytes, string shown)
    {
        var size = CtrSize.Parse(text);
        Assert.Equal(bytes, size.Bytes);
        Assert.Equal(shown, size.ToString());
        if (bytes != long.MaxValue)
            Assert.Equal(size, CtrSize.Parse(shown));
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("1x")]
    [InlineData("1mm")]
    [InlineData("-2")]
    [InlineData("-1m")]
    [InlineData("1.")]
    [InlineData("1.2.3")]
    [InlineData("1,5g")]
    [InlineData("8e")]
    [InlineData("99999999999999999999")]
    [InlineData("１g")]
    public void An_invalid_size_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidSize, Assert.Throws<CtrArgumentException>(() => CtrSize.Parse(text)).ErrorId);

    [Fact]
    public void No_limit_is_more_than_any_size()
    {
        Assert.True(new CtrSize(-1) > new CtrSize(long.MaxValue));
        Assert.True(new CtrSize(1.9) < CtrSize.Parse("1k"));
        Assert.Equal(1, new CtrSize(1.9).Bytes);
        Assert.Throws<CtrArgumentException>(() => new CtrSize(-5));
        Assert.Throws<CtrArgumentException>(() => new CtrSize(double.NaN));
        Assert.Equal("1023.99KiB", new CtrSize((1 << 20) - 10).ToString());
        Assert.Equal("1MiB", new CtrSize((1 << 20) - 1).ToString());
    }

    [Theory]
    [InlineData("10s", 10_000, "10s")]
    [InlineData("1m30s", 90_000, "1m30s")]
    [InlineData("500ms", 500, "500ms")]
    [InlineData("1.5", 1_500, "1.5s")]
    [InlineData("90", 90_000, "1m30s")]
    [InlineData("00:01:30", 90_000, "1m30s")]
    [InlineData("1d2h", 93_600_000, "26h")]
    [InlineData("1H0.5S", 3_600_500, "1h0.5s")]
    [InlineData("0", 0, "0s")]
    public void Durations_parse(string text, long milliseconds, string shown)
    {
        var duration = CtrDuration.Parse(text);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration.TimeSpan);
        Assert.Equal(shown, duration.ToString());
        Assert.Equal(duration, CtrDuration.Parse(shown));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10x")]
    [InlineData("-5s")]
    [InlineData("-5")]
    [InlineData("10s5")]
    [InlineData("99999999999999d")]
    [InlineData("-00:01:00")]
    public void An_invalid_duration_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidDuration, Assert.Throws<CtrArgumentException>(() => CtrDuration.Parse(text)).ErrorId);

    [Fact]
    public void No_limit_is_more_than_any_duration()
    {
        Assert.Equal(CtrDuration.Unlimited, CtrDuration.Parse("-1"));
        Assert.Equal(CtrDuration.Unlimited, new CtrDuration(-1));
        Assert.Equal(CtrDuration.Unlimited, CtrDuration.Parse(CtrDuration.Unlimited.ToString()));
        Assert.True(CtrDuration.Unlimited > new CtrDuration(TimeSpan.MaxValue));
        Assert.True(CtrDuration.Parse("0") < CtrDuration.Unlimited);
        Assert.Equal((Timeout.InfiniteTimeSpan, -1d), (CtrDuration.Unlimited.TimeSpan, CtrDuration.Unlimited.TotalSeconds));
        Assert.Equal(ErrorIds.InvalidTime, Assert.Throws<CtrArgumentException>(() => new CtrMoment(-1)).ErrorId);
        Assert.Equal(ErrorIds.InvalidTime, Assert.Throws<CtrArgumentException>(() => CtrMoment.Parse("-1")).ErrorId);
    }

    [Theory]
    [InlineData("TERM", 15, "SIGTERM")]
    [InlineData("sigkill", 9, "SIGKILL")]
    [InlineData("SigHup", 1, "SIGHUP")]
    [InlineData("10", 10, "SIGUSR1")]
    [InlineData("RTMIN", 34, "SIGRTMIN")]
    [InlineData("RTMIN+3", 37, "SIGRTMIN+3")]
    [InlineData("sigrtmax-1", 63, "SIGRTMAX-1")]
    [InlineData("64", 64, "SIGRTMAX")]
    [InlineData("33", 33, "33")]
    [InlineData("CLD", 17, "SIGCHLD")]
    [InlineData("IOT", 6, "SIGABRT")]
    [InlineData("WINCH", 28, "SIGWINCH")]
    [InlineData("SYS", 31, "SIGSYS")]
    public void Signals_parse(string text, int number, string name)
    {
        var signal = CtrSignal.Parse(text);
        Assert.Equal(number, signal.Number);
        Assert.Equal(name, signal.ToString());
        Assert.Equal(signal, CtrSignal.Parse(name));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-9")]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("TERMINATE")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN-1")]
    [InlineData("RTMAX-31")]
    [InlineData("RTMINX")]
    public void An_invalid_signal_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidSignal, Assert.Throws<CtrArgumentException>(() => CtrSignal.Parse(text)).ErrorId);

    [Fact]
    public void Every_signal_parses_its_own_name()
    {
        for (var number = 1; number <= 64; number++)
            Assert.Equal(number, CtrSignal.Parse(new CtrSignal(number).Name).Number);
    }

    [Theory]
    [InlineData("nofile=1024:2048", "RLIMIT_NOFILE", 1024, 2048)]
    [InlineData("NPROC=5", "RLIMIT_NPROC", 5, 5)]
    [InlineData("core=-1", "RLIMIT_CORE", ulong.MaxValue, ulong.MaxValue)]
    [InlineData("core=0:unlimited", "RLIMIT_CORE", 0, ulong.MaxValue)]
    [InlineData("RLIMIT_STACK=1", "RLIMIT_STACK", 1, 1)]
    public void Limits_parse(string text, string type, ulong soft, ulong hard)
    {
        var limit = CtrUlimit.Parse(text);
        var rlimit = CtrUlimit.Parse(limit.ToString()).ToRlimit();
        Assert.Equal((type, soft, hard), (rlimit.Type, rlimit.Soft, rlimit.Hard));
    }

    [Theory]
    [InlineData("nofile")]
    [InlineData("nofile=")]
    [InlineData("files=1")]
    [InlineData("nofile=2:1")]
    [InlineData("nofile=-1:5")]
    [InlineData("nofile=-2")]
    [InlineData("nofile=1:2:3")]
    [InlineData("nofile=many")]
    public void An_invalid_limit_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidUlimit, Assert.Throws<CtrArgumentException>(() => CtrUlimit.Parse(text)).ErrorId);

    [Theory]
    [InlineData("0:100000:65536")]
    [InlineData("1000:0:1")]
    [InlineData("0:0:4294967295")]
    public void Id_mappings_parse(string text) => Assert.Equal(text, CtrIdMapping.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0:1")]
    [InlineData("0:1:2:3")]
    [InlineData("0:1:0")]
    [InlineData("-1:1:1")]
    [InlineData("0:1:0x10")]
    [InlineData("0:4294967295:1")]
    [InlineData("0:4294967296:1")]
    public void An_invalid_id_mapping_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidIdMap, Assert.Throws<CtrArgumentException>(() => CtrIdMapping.Parse(text)).ErrorId);

    [Theory]
    [InlineData("/dev/fuse", "/dev/fuse:/dev/fuse:rwm")]
    [InlineData("/dev/a:/dev/b", "/dev/a:/dev/b:rwm")]
    [InlineData("/dev/a:r", "/dev/a:/dev/a:r")]
    [InlineData("/dev/a:/dev/b:rw", "/dev/a:/dev/b:rw")]
    public void Devices_parse(string text, string shown)
    {
        Assert.Equal(shown, CtrDevice.Parse(text).ToString());
        Assert.Equal(shown, CtrDevice.Parse(shown).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("dev/fuse")]
    [InlineData("/dev/a:x")]
    [InlineData("/dev/a:/dev/b:rr")]
    [InlineData("/dev/a:/dev/b:")]
    [InlineData("/dev/a:/b:r:w")]
    public void An_invalid_device_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidDevice, Assert.Throws<CtrArgumentException>(() => CtrDevice.Parse(text)).ErrorId);

    [Theory]
    [InlineData("type=bind,src=/a,dst=/b,ro", "type=bind,source=/a,target=/b,readonly")]
    [InlineData("source=/a,destination=/b", "type=bind,source=/a,target=/b")]
    [InlineData("type=bind,src=/a,target=/b,readonly=false,bind-propagation=rshared", "type=bind,source=/a,target=/b,option=rshared")]
    [InlineData("type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770", "type=tmpfs,target=/t,option=size=67108864,option=mode=1770")]
    [InlineData("type=bind,src=/a,dst=/b,options=rbind:ro", "type=bind,source=/a,target=/b,readonly,option=rbind")]
    [InlineData("type=bind,\"source=/a,b\",\"target=/c\"\"d\"", "type=bind,\"source=/a,b\",\"target=/c\"\"d\"")]
    [InlineData("/a:/b", "type=bind,source=/a,target=/b")]
    [InlineData("/a=x:/b:ro", "type=bind,source=/a=x,target=/b,readonly")]
    [InlineData("./a:/b:rw,rslave", "type=bind,source=./a,target=/b,option=rslave")]
    [InlineData("data:/b", "type=volume,source=data,target=/b")]
    [InlineData("data:/b:ro,nocopy", "type=volume,source=data,target=/b,readonly,volume-nocopy")]
    [InlineData("/b", "type=volume,target=/b")]
    [InlineData("type=volume,dst=/b,volume-driver=local", "type=volume,target=/b")]
    [InlineData("type=bind,src=/a,dst=/b,bind-create-src", "type=bind,source=/a,target=/b,bind-create-src")]
    [InlineData("C:\\data:/b:ro", "type=bind,source=C:\\data,target=/b,readonly")]
    [InlineData("type=nfs,source=host:/x,target=/b,option=addr=1.2.3.4", "type=nfs,source=host:/x,target=/b,option=addr=1.2.3.4")]
    public void Mounts_parse(string text, string shown)
    {
        Assert.Equal(shown, CtrMount.Parse(text).ToString());
        Assert.Equal(shown, CtrMount.Parse(shown).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("/")]
    [InlineData("/a:b")]
    [InlineData(":/b")]
    [InlineData("a/b:/b")]
    [InlineData("x:/b")]
    [InlineData("data")]
    [InlineData("./a:/b:nocopy")]
    [InlineData("/a:/b:ro:x")]
    [InlineData("/a:/b:z")]
    [InlineData("type=bind,target=/b")]
    [InlineData("type=volume,source=v,target=/b")]
    [InlineData("type=volume,source=../v,target=/b")]
    [InlineData("type=volume,source=data,target=/b,volume-driver=nfs")]
    [InlineData("type=bind,source=/a,target=/b,volume-nocopy")]
    [InlineData("type=tmpfs,target=/b,bind-create-src")]
    [InlineData("type=bind,source=/a")]
    [InlineData("type=bind,source=/a,target=b")]
    [InlineData("type=bind,source=/a,target=/b,what=ever")]
    [InlineData("type=bind,source=/a,target=/b,readonly=maybe")]
    [InlineData("type=bind,source=/a,target=/b,bind-propagation=up")]
    [InlineData("type=tmpfs,target=/b,tmpfs-mode=999")]
    [InlineData("type=bind,\"source=/a,target=/b")]
    [InlineData("/tmp:/")]
    [InlineData("/tmp://")]
    [InlineData("/tmp:/.")]
    [InlineData("/tmp:/a/..")]
    [InlineData("/tmp:/../")]
    [InlineData("type=tmpfs,target=/")]
    public void An_invalid_mount_is_rejected(string text) =>
        Assert.Equal(ErrorIds.InvalidMount, Assert.Throws<CtrArgumentException>(() => CtrMount.Parse(text)).ErrorId);

    [Theory]
    [InlineData("2026-05-06 07:08", 2026, 5, 6, 7, 8)]
    [InlineData("05/06/2026 07:08:00", 2026, 5, 6, 7, 8)]
    [InlineData("2026-05-06T07:08", 2026, 5, 6, 7, 8)]
    [InlineData(" 2026-05-06 ", 2026, 5, 6, 0, 0)]
    public void Times_are_moments_in_local_time(string text, int year, int month, int day, int hour, int minute)
    {
        var moment = CtrMoment.Parse(text).Time;
        Assert.Equal(new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Local), moment);
        Assert.Equal(DateTimeKind.Local, moment.Kind);
    }

    [Fact]
    public void A_moment_has_a_time_zone_wherever_it_comes_from()
    {
        var utc = new DateTime(2026, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        Assert.Equal(utc, CtrMoment.Parse("2026-05-06T07:08:09Z").Time.ToUniversalTime());
        Assert.Equal(utc, CtrMoment.Parse("2026-05-06T09:08:09+02:00").Time.ToUniversalTime());
        Assert.Equal(utc, new CtrMoment(utc).Time.ToUniversalTime());
        Assert.Equal(utc, new CtrMoment(new DateTimeOffset(2026, 5, 6, 9, 8, 9, TimeSpan.FromHours(2))).Time.ToUniversalTime());
        Assert.Equal(new DateTime(2026, 5, 6), new CtrMoment(new DateTime(2026, 5, 6)).Time);
        Assert.Equal(DateTime.Today + new TimeSpan(7, 8, 0), CtrMoment.Parse("07:08").Time);
        Assert.True(new CtrMoment(utc) < new CtrMoment(utc.AddTicks(1)));
        Assert.Equal(new CtrMoment(utc), new CtrMoment(utc.ToLocalTime()));
    }

    [Fact]
    public void A_length_of_time_counts_back_from_now()
    {
        foreach (
            var moment in new[]
            {
                CtrMoment.Parse("90m"),
                CtrMoment.Parse("1h30m"),
                CtrMoment.Parse("5400"),
                new CtrMoment(TimeSpan.FromMinutes(90)),
                new CtrMoment(5400),
                new CtrMoment(5400.0),
            }
        )
            Assert.InRange((DateTime.Now - moment.Time).TotalMinutes, 90, 91);
        Assert.Equal(DateTime.MinValue, new CtrMoment(TimeSpan.MaxValue).Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("10x")]
    [InlineData("2026-13-01")]
    public void An_invalid_time_is_one_error(string text) =>
        Assert.Equal(ErrorIds.InvalidTime, Assert.Throws<CtrArgumentException>(() => CtrMoment.Parse(text)).ErrorId);

    [Fact]
    public void No_time_is_in_the_future_because_of_a_negative_length() =>
        Assert.Equal(ErrorIds.InvalidDuration, Assert.Throws<CtrArgumentException>(() => new CtrMoment(TimeSpan.FromSeconds(-1))).ErrorId);
}
