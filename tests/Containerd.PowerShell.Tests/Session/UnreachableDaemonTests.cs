using System.Diagnostics;
using System.Management.Automation;
using System.Net.Sockets;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>A daemon that cannot be reached: one clear error at once, with a remedy.</summary>
public sealed class UnreachableDaemonTests : IDisposable
{
    private readonly Engine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-socket-").FullName;

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_missing_socket_is_reported_at_once()
    {
        var clock = Stopwatch.StartNew();
        var done = _engine.Invoke($"Connect-CtrSession unix://{_folder}/none.sock");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        var error = Refused(done, ErrorIds.SocketNotFound, ErrorCategory.ConnectionError);
        Assert.Contains($"{_folder}/none.sock", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Start-CtrDaemon", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(done.Output);
    }

    [Fact]
    public async Task A_missing_socket_is_reported_at_once_by_the_first_command_of_a_process_too()
    {
        var run = await HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $clock = [Diagnostics.Stopwatch]::StartNew()
            try { Get-CtrTask } catch { Say id $_.FullyQualifiedErrorId }
            Say took $clock.ElapsedMilliseconds
            """,
            new Dictionary<string, string?> { ["CONTAINERD_ADDRESS"] = $"unix://{_folder}/none.sock" }
        );
        Assert.Equal("SocketNotFound,Containerd.PowerShell.GetCtrTaskCommand", run["id"]);
        Assert.InRange(int.Parse(run["took"], System.Globalization.CultureInfo.InvariantCulture), 0, AtOnce.Limit.TotalMilliseconds);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("directory")]
    public void A_path_that_is_not_a_socket_is_named_with_its_type(string kind)
    {
        var path = Path.Combine(_folder, "other");
        if (kind == "file")
            File.WriteAllText(path, "");
        else
            Directory.CreateDirectory(path);
        var error = Refused(_engine.Invoke($"Connect-CtrSession {path}"), ErrorIds.NotASocket, ErrorCategory.ConnectionError);
        Assert.Equal($"{path} is not a socket but a {kind}.", error.Exception.Message);
    }

    [Fact]
    public void A_socket_without_a_listening_process_is_one_clear_error()
    {
        var path = Path.Combine(_folder, "left.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            var error = Refused(_engine.Invoke($"Connect-CtrSession {path}"), ErrorIds.DaemonNotListening, ErrorCategory.ConnectionError);
            Assert.Contains("the socket exists, but its daemon is not running", error.Exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_socket_without_access_for_the_user_names_the_remedy()
    {
        var path = Path.Combine(_folder, "closed.sock");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var run = await HostProcess.RunUnprivilegedAsync(
            $$"""
            Import-Module Containerd
            try { Connect-CtrSession {{path}} } catch {
                Say id $_.FullyQualifiedErrorId
                Say category $_.CategoryInfo.Category
                Say remedy $_.ErrorDetails.RecommendedAction
                Say type $_.Exception.GetType().Name
            }
            """
        );
        Assert.Equal("SocketPermissionDenied,Containerd.PowerShell.ConnectCtrSessionCommand", run["id"]);
        Assert.Equal("PermissionDenied", run["category"]);
        Assert.Equal("CtrPermissionException", run["type"]);
        Assert.Contains("sudo pwsh", run["remedy"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Timeout 1")]
    [InlineData("-Timeout 1s")]
    [InlineData("-Timeout ([timespan]::FromSeconds(1))")]
    public async Task A_silent_listener_costs_no_more_than_the_timeout(string timeout)
    {
        using var silent = new FakeDaemon(Path.Combine(_folder, "silent.sock"), answer: null);
        var clock = Stopwatch.StartNew();
        Refused(_engine.Invoke($"Connect-CtrSession {silent.Path} {timeout}"), ErrorIds.DaemonTimedOut, ErrorCategory.OperationTimeout);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), AtOnce.Limit);
        await silent.AskedAsync();
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("")]
    public void A_process_that_is_not_containerd_is_reported_immediately(string answer)
    {
        using var other = new FakeDaemon(Path.Combine(_folder, "other.sock"), answer);
        var clock = Stopwatch.StartNew();
        var error = Refused(_engine.Invoke($"Connect-CtrSession {other.Path}"), ErrorIds.NotContainerd, ErrorCategory.ConnectionError);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        Assert.Contains(other.Path, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_other_socket_of_containerd_is_rejected()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        Refused(
            _engine.Invoke($"Connect-CtrSession {daemon.SocketPath}.ttrpc -Timeout 1"),
            ErrorIds.DaemonTimedOut,
            ErrorCategory.OperationTimeout
        );
    }

    [Theory]
    [InlineData("run/containerd.sock")]
    [InlineData("unix://relative.sock")]
    [InlineData("tcp://127.0.0.1:1")]
    [InlineData("http://")]
    [InlineData("npipe://x")]
    [InlineData("://")]
    [InlineData(" ")]
    public void An_invalid_address_is_rejected_with_an_example(string address)
    {
        var error = Refused(_engine.Invoke($"Connect-CtrSession '{address}'"), ErrorIds.InvalidAddress, ErrorCategory.InvalidArgument);
        Assert.Contains($"'{address}'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("unix:///run/containerd/containerd.sock", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_path_of_107_bytes_is_tried_and_one_of_108_is_rejected()
    {
        Refused(_engine.Invoke($"Connect-CtrSession /{new string('a', 106)}"), ErrorIds.SocketNotFound, ErrorCategory.ConnectionError);
        var error = Refused(
            _engine.Invoke($"Connect-CtrSession /{new string('a', 107)}"),
            ErrorIds.InvalidAddress,
            ErrorCategory.InvalidArgument
        );
        Assert.Contains("at most 107 bytes", error.Exception.Message, StringComparison.Ordinal);
        // Bytes, not characters.
        Refused(_engine.Invoke($"Connect-CtrSession /{new string('ä', 54)}"), ErrorIds.InvalidAddress, ErrorCategory.InvalidArgument);
    }

    [Fact]
    public void An_invalid_namespace_is_rejected_before_any_call()
    {
        var error = Refused(
            _engine.Invoke($"Connect-CtrSession {_folder}/none.sock -Namespace 'a/b'"),
            ErrorIds.InvalidId,
            ErrorCategory.InvalidArgument
        );
        Assert.Contains("'a/b' is not a valid name for a namespace", error.Exception.Message, StringComparison.Ordinal);
    }

    private static ErrorRecord Refused(Invocation done, string id, ErrorCategory category)
    {
        Assert.Empty(done.Output);
        Assert.Equal($"{id},Containerd.PowerShell.ConnectCtrSessionCommand", done.Error.FullyQualifiedErrorId);
        Assert.Equal(category, done.Error.CategoryInfo.Category);
        return done.Error;
    }
}
