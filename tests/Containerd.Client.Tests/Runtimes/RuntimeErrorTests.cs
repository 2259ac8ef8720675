using Containerd.Client.Workloads.Tasks;

namespace Containerd.Client.Tests.Runtimes;

/// <summary>What runtimes say of a command that cannot run, in the words of their versions.</summary>
public sealed class RuntimeErrorTests
{
    [Theory]
    [InlineData("runc create failed: unable to start container process: exec: \"/etc\": permission denied: unknown")]
    [InlineData(
        "runc create failed: unable to start container process: error during container init: exec: \"/etc\": is a directory: unknown"
    )]
    [InlineData("OCI runtime exec failed: exec failed: unable to start container process: exec: \"/etc\": is a directory")]
    [InlineData("crun: `/etc` is not a regular file: unknown")]
    [InlineData("crun: executable path `/etc` is a directory: unknown")]
    [InlineData("crun: open executable: Is a directory: unknown")]
    public void A_directory_cannot_be_run(string text)
    {
        var error = RuntimeErrors.Explain(new CtrRuntimeException(text), "web", ["/etc", "x"]);
        Assert.Equal(ErrorIds.CommandNotExecutable, error.ErrorId);
        Assert.Contains("'/etc'", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_directory_that_is_not_the_command_is_not_reported_as_one() =>
        Assert.NotEqual(
            ErrorIds.CommandNotExecutable,
            RuntimeErrors
                .Explain(new CtrRuntimeException("runc create failed: open /etc/resolv.conf: is a directory: unknown"), "web", ["sh"])
                .ErrorId
        );
}
