using Containerd;
using Xunit;

namespace IntegrationTest;

/// <summary>Tests of a web server in a container.</summary>
public sealed class WebServerTests(ContainerdFixture fixture) : IClassFixture<ContainerdFixture>
{
    [Fact]
    public async Task ServesItsPage()
    {
        await using var server = await fixture.StartAsync(
            "sh",
            "-c",
            "mkdir /www && echo 'It works.' > /www/index.html && echo 'starting httpd' && exec httpd -f -p 8080 -h /www"
        );
        Assert.Equal("starting httpd", await server.WaitForLogLineAsync("starting"));
        await server.WaitForPortAsync(8080);

        Assert.Equal("It works.\n", await server.ExecAsync("wget", "-q", "-O", "-", "http://127.0.0.1:8080/index.html"));
        Assert.Equal(["starting httpd"], await server.LogAsync());
    }

    [Fact]
    public async Task AServerThatEndsDoesNotKeepItsTestWaiting()
    {
        await using var server = await fixture.StartAsync("sh", "-c", "echo 'no configuration'; exit 3");
        var error = await Assert.ThrowsAsync<CtrProcessExitedException>(() => server.WaitForPortAsync(8080));
        Assert.Equal("TaskExited", error.ErrorId);
    }
}
