using System.Text;
using Containerd.Oci.Registry;

namespace Containerd.Client.Tests.Registry;

/// <summary>Docker's configuration file, read as leniently as Docker's own client reads it.</summary>
public sealed class DockerConfigTests : IDisposable
{
    // me:secret
    private const string Auth = "\"auth\": \"bWU6c2VjcmV0\"";

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-docker-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"auths": null, "credHelpers": null, "credsStore": null}""")]
    [InlineData("""{"auths": {}, "credsStore": ""}""")]
    [InlineData("""{"auths": {"r:5000": null}}""")]
    [InlineData("""{"auths": {"r:5000": {}}}""")]
    [InlineData("""{"auths": {"r:5000": {"auth": "", "username": null, "email": 1.5}}}""")]
    [InlineData("""{"auths": {"other": {"auth": "bWU6c2VjcmV0"}}, "HttpHeaders": {"a": "b"}, "psFormat": "x", "unknown": [1e9]}""")]
    public async Task A_file_without_credentials_is_not_an_error(string json)
    {
        foreach (
            var encoding in new Encoding[] { new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode, Encoding.BigEndianUnicode }
        )
        {
            // UTF-16 is detected by its byte order mark; an empty file has no mark.
            Write(json, encoding);
            Assert.Null(await FindAsync("r:5000"));
        }
    }

    [Theory]
    [InlineData("""{"auths": {"r:5000": {AUTH}}}""")]
    [InlineData("""{"Auths": {"r:5000": {"AUTH": "bWU6c2VjcmV0"}}}""")]
    [InlineData("""{"auths": {"https://r:5000/v2/": {AUTH}}}""")]
    [InlineData("""{"auths": {"r:5000": {"Username": "me", "passWord": "secret"}}}""")]
    [InlineData("""{"auths": {"r:5000": {"auth": "eDp5"}, "r:5000": {AUTH}}}""")]
    [InlineData("""{"auths": {"x": {"auth": "eDp5"}}, "auths": {"r:5000": {AUTH}}}""")]
    [InlineData("""{"auths": {"r:5000": {AUTH}}} what follows does not count""")]
    [InlineData("""{"auths": {"r:5000": {AUTH},}, }""")]
    public async Task Credentials_are_found(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        foreach (var encoding in new Encoding[] { new UTF8Encoding(false), new UTF8Encoding(true), Encoding.Unicode })
        {
            Write(json.Replace("AUTH}", Auth + "}", StringComparison.Ordinal), encoding);
            Assert.Equal(("me", "secret"), await FindAsync("r:5000"));
        }
    }

    [Theory]
    [InlineData("[::1]:5000", "[::1]:5000")]
    [InlineData("http://[::1]:5000/v1/", "[::1]:5000")]
    [InlineData("[0:0:0:0:0:0:0:1]:5000", "[::1]:5000")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("::1", "[::1]")]
    [InlineData("https://[FE80::A]/", "[fe80::a]")]
    public async Task An_IPv6_registry_is_found_whatever_its_spelling(string key, string host)
    {
        Write($"{{\"auths\": {{\"{key}\": {{{Auth}}}}}}}", new UTF8Encoding(false));
        Assert.Equal(("me", "secret"), await FindAsync(host));
        Assert.Null(await FindAsync("[::2]:5000"));
        Assert.Null(await FindAsync("[::1]:5001"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("\"auths\"")]
    [InlineData("{\"auths\": {\"r:5000\": {\"auth\": \"???\"}}}")]
    public async Task A_broken_part_is_named(string json)
    {
        Write(json, new UTF8Encoding(false));
        Assert.Equal(ErrorIds.DockerConfigInvalid, (await Assert.ThrowsAsync<CtrDataException>(() => FindAsync("r:5000"))).ErrorId);
    }

    private void Write(string json, Encoding encoding) => File.WriteAllText(Path.Combine(_folder, "config.json"), json, encoding);

    private async Task<(string User, string Secret)?> FindAsync(string host) =>
        await DockerConfig.FindAsync(_folder, host, TestContext.Current.CancellationToken) is { } found ? (found.User, found.Secret) : null;
}
