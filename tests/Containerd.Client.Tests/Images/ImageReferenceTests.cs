using Containerd.Oci;
using Containerd.Oci.Images;

namespace Containerd.Client.Tests.Images;

public sealed class ImageReferenceTests
{
    private const string Sha = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("busybox", "docker.io/library/busybox:latest")]
    [InlineData("busybox:1.36", "docker.io/library/busybox:1.36")]
    [InlineData("busybox@" + Sha, "docker.io/library/busybox@" + Sha)]
    [InlineData("busybox:1@" + Sha, "docker.io/library/busybox@" + Sha)]
    [InlineData("team/app", "docker.io/team/app:latest")]
    [InlineData("docker.io/busybox", "docker.io/library/busybox:latest")]
    [InlineData("index.docker.io/busybox", "docker.io/library/busybox:latest")]
    [InlineData("docker.io/library/busybox:latest", "docker.io/library/busybox:latest")]
    [InlineData("localhost/app", "localhost/app:latest")]
    [InlineData("localhost:5000/app", "localhost:5000/app:latest")]
    [InlineData("localhost:5000/app:2", "localhost:5000/app:2")]
    [InlineData("registry.example.com/a/b/c:v1.2-rc_3", "registry.example.com/a/b/c:v1.2-rc_3")]
    [InlineData("Registry.example.com/app", "Registry.example.com/app:latest")]
    [InlineData("HOST/app", "HOST/app:latest")]
    [InlineData("127.0.0.1:5000/x", "127.0.0.1:5000/x:latest")]
    [InlineData("a__b/c--d.e:T", "docker.io/a__b/c--d.e:T")]
    [InlineData("[::1]:5000/x", "[::1]:5000/x:latest")]
    [InlineData("[::1]/x", "[::1]/x:latest")]
    [InlineData("[fe80::A]:5000/team/x:2", "[fe80::A]:5000/team/x:2")]
    [InlineData("[2001:db8:0:0:0:0:0:1]:443/x@" + Sha, "[2001:db8:0:0:0:0:0:1]:443/x@" + Sha)]
    [InlineData(
        "x@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "docker.io/library/x@sha384:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    )]
    public void Short_names_expand_to_full_names(string name, string full)
    {
        Assert.Equal(full, ImageReference.Normalize(name));
        Assert.Equal(full, ImageReference.Normalize(ImageReference.Normalize(name)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Busybox")]
    [InlineData("team/App")]
    [InlineData("busybox:")]
    [InlineData("busybox:a b")]
    [InlineData(":latest")]
    [InlineData("busybox@sha256:12")]
    [InlineData("localhost:65536/x")]
    [InlineData("localhost:99999999999/x:1")]
    [InlineData("localhost:0/x")]
    [InlineData("[::1]:65536/x")]
    [InlineData("[::1]5000/x")]
    [InlineData("[::1]")]
    [InlineData("[::1]:5000")]
    [InlineData("::1/x")]
    [InlineData("[::1%eth0]:5000/x")]
    [InlineData("[::ffff:127.0.0.1]:5000/x")]
    [InlineData("[:::]:5000/x")]
    [InlineData("[12]/x")]
    [InlineData("[]/x")]
    [InlineData("/busybox")]
    [InlineData("busybox/")]
    [InlineData("a//b")]
    [InlineData("-a/b")]
    [InlineData("http://example.com/x")]
    [InlineData("../x")]
    [InlineData("x_")]
    [InlineData("x\n")]
    [InlineData("example.com\n/app")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void A_name_that_breaks_the_rules_is_rejected(string name) =>
        Assert.Equal(ErrorIds.InvalidImageName, Assert.Throws<CtrArgumentException>(() => ImageReference.Normalize(name)).ErrorId);

    [Theory]
    [InlineData("docker.io/library/busybox:latest", "busybox:latest")]
    [InlineData("docker.io/team/app:1", "team/app:1")]
    [InlineData("localhost:5000/app:1", "localhost:5000/app:1")]
    public void Full_names_have_short_ones(string full, string name) => Assert.Equal(name, ImageReference.Shorten(full));

    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("linux/arm64/v8", "linux/arm64")]
    [InlineData("linux/aarch64", "linux/arm64")]
    [InlineData("linux/arm", "linux/arm/v7")]
    [InlineData("linux/arm/6", "linux/arm/v6")]
    [InlineData("armhf", "linux/arm/v7")]
    [InlineData("LINUX/AMD64", "linux/amd64")]
    [InlineData("linux", "linux/amd64")]
    [InlineData("windows/amd64", "windows/amd64")]
    public void Platforms_have_one_spelling(string text, string canonical) =>
        Assert.Equal(canonical, ImagePlatform.Parse(text, ImagePlatform.Canonical("linux", "amd64", "")).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("a/b/c/d")]
    [InlineData("linux/amd 64")]
    public void An_invalid_platform_is_rejected(string text) =>
        Assert.Equal(
            ErrorIds.InvalidPlatform,
            Assert.Throws<CtrArgumentException>(() => ImagePlatform.Parse(text, ImagePlatform.Host)).ErrorId
        );

    [Fact]
    public void A_machine_also_runs_lower_platform_variants()
    {
        static string List(string platform) => string.Join(' ', ImagePlatform.Parse(platform, ImagePlatform.Host).Runnable());
        Assert.Equal("linux/amd64 linux/386", List("linux/amd64"));
        Assert.Equal("linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386", List("linux/amd64/v3"));
        Assert.Equal("linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5", List("linux/arm64"));
        Assert.Equal("linux/arm/v6 linux/arm/v5", List("linux/arm/v6"));
    }

    [Fact]
    public void Labels_of_the_garbage_collector_are_never_overwritten()
    {
        static OciDescriptor Manifest(string digest) => new() { MediaType = MediaTypes.OciManifest, Digest = digest };
        var fresh = ImageLabels.Children([Manifest("a"), Manifest("b")], new Dictionary<string, string>());
        Assert.Equal(
            "containerd.io/gc.ref.content.m.0=a containerd.io/gc.ref.content.m.1=b",
            string.Join(' ', fresh.Select(l => $"{l.Key}={l.Value}"))
        );

        // Only one platform was chosen now; both were before.
        Assert.Empty(ImageLabels.Children([Manifest("b")], fresh));
        var added = ImageLabels.Children([Manifest("c")], fresh);
        Assert.Equal("containerd.io/gc.ref.content.m.2=c", string.Join(' ', added.Select(l => $"{l.Key}={l.Value}")));
    }
}
