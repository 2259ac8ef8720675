using System.Text;
using System.Text.Json.Nodes;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Registry;

/// <summary>Connect-CtrRegistry, Get-CtrRegistry and Disconnect-CtrRegistry, with Docker's file and with a credential helper.</summary>
public sealed class RegistryLoginTests : IAsyncLifetime
{
    private const string Other = """{"auth": "b3RoZXI6c2VjcmV0"}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-login-").FullName;
    private TestRegistry _registry = null!;

    private string Config => Path.Combine(_folder, "docker", "config.json");

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync(new TestRegistryOptions { Basic = true });

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Credentials_are_verified_stored_used_listed_and_removed()
    {
        await _registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "team/app:1");
        await using var daemon = await PrivateDaemon.StartAsync();
        Directory.CreateDirectory(Path.GetDirectoryName(Config)!);
        await File.WriteAllTextAsync(
            Config,
            $$$"""{"HttpHeaders": {"X-Meta": "é<&>"}, "auths": {"other.example.com": {{{Other}}}, "https://{{{_registry.Host}}}/v1/": {}}, "n": 1.50, "currentContext": "remote"}"""
        );
        File.SetUnixFileMode(Config, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        var run = await RunAsync(
            $$"""
            $null = Connect-CtrSession '{{daemon.Address}}' -Namespace login
            $image = '{{_registry.Host}}/team/app:1'
            try { $null = Connect-CtrRegistry '{{_registry.Host}}' -Credential (Login wrong) -ErrorAction Stop; Say wrong none } catch { Say wrong "$($_.FullyQualifiedErrorId.Split(',')[0]) $($_.Exception.Message)" }
            Say afterWrong ([IO.File]::ReadAllText('{{Config}}').Contains('"https://{{_registry.Host}}/v1/": {}'))
            $null = Receive-CtrImage $image -ErrorAction SilentlyContinue -ErrorVariable before
            Say before $before[0].FullyQualifiedErrorId.Split(',')[0]
            $made = Connect-CtrRegistry 'https://{{_registry.Host}}/v2/' -Credential (Login '{{TestRegistry.Password}}')
            Say made "$($made.Registry) $($made.UserName) $($made.Store)"
            Say pulled (Invoke-CtrContainer $image -- echo pulled)
            Say listed ((Get-CtrRegistry).ForEach{ "$($_.Registry)=$($_.UserName)" } -join ' ')
            Say one (Get-CtrRegistry local*).UserName
            """
        );
        Assert.Equal($"AuthenticationFailed The registry {_registry.Host} does not accept the user name and the password.", run["wrong"]);
        Assert.Equal("True", run["afterWrong"]);
        Assert.Equal(ErrorIds.AuthenticationRequired, run["before"]);
        Assert.Equal($"{_registry.Host} {TestRegistry.User} {Config}", run["made"]);
        Assert.Equal("pulled", run["pulled"]);
        Assert.Equal($"{_registry.Host}={TestRegistry.User} other.example.com=other", run["listed"]);
        Assert.Equal(TestRegistry.User, run["one"]);

        var json = JsonNode.Parse(await File.ReadAllTextAsync(Config))!.AsObject();
        Assert.Equal(["HttpHeaders", "auths", "n", "currentContext"], json.Select(e => e.Key));
        Assert.Equal(["other.example.com", _registry.Host], json["auths"]!.AsObject().Select(e => e.Key));
        Assert.Equal(
            $"{TestRegistry.User}:{TestRegistry.Password}",
            Encoding.UTF8.GetString(Convert.FromBase64String((string)json["auths"]![_registry.Host]!["auth"]!))
        );
        Assert.Equal("1.50", json["n"]!.ToJsonString());
        Assert.Contains("é<&>", await File.ReadAllTextAsync(Config), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Config));
        Assert.Equal([Config], Directory.GetFileSystemEntries(Path.GetDirectoryName(Config)!));

        run = await RunAsync(
            $"Disconnect-CtrRegistry '{_registry.Host}'; Disconnect-CtrRegistry '{_registry.Host}' -ErrorAction SilentlyContinue -ErrorVariable again; Say again $again[0].FullyQualifiedErrorId.Split(',')[0]; Say left (Get-CtrRegistry).Registry"
        );
        Assert.Equal(ErrorIds.RegistryLoginNotFound, run["again"]);
        Assert.Equal("other.example.com", run["left"]);
    }

    [Fact]
    public async Task A_credential_helper_stores_the_password_and_the_file_has_none()
    {
        var helper = Path.Combine(_folder, "docker-credential-everyday");
        await File.WriteAllTextAsync(
            helper,
            $$"""
            #!/bin/sh
            kept={{_folder}}/kept.json
            case $1 in
            store) cat > $kept;;
            get) if [ -f $kept ]; then cat $kept; else echo 'credentials not found in native keychain'; exit 1; fi;;
            erase) cat > {{_folder}}/erased; rm $kept;;
            list) if [ -f $kept ]; then echo '{"{{_registry.Host}}": "{{TestRegistry.User}}"}'; else echo '{}'; fi;;
            esac
            """
        );
        File.SetUnixFileMode(helper, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(Path.GetDirectoryName(Config)!);
        await File.WriteAllTextAsync(Config, """{"credsStore": "everyday"}""");

        var run = await RunAsync(
            $"""
            $made = Connect-CtrRegistry '{_registry.Host}' -Credential (Login '{TestRegistry.Password}')
            Say store $made.Store
            Say listed (Get-CtrRegistry '{_registry.Host}').UserName
            """
        );
        Assert.Equal("docker-credential-everyday", run["store"]);
        Assert.Equal(TestRegistry.User, run["listed"]);
        Assert.Equal(
            $"{{\"credsStore\":\"everyday\",\"auths\":{{\"{_registry.Host}\":{{}}}}}}",
            JsonNode.Parse(await File.ReadAllTextAsync(Config))!.ToJsonString()
        );
        var kept = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "kept.json")))!;
        Assert.Equal(
            (_registry.Host, TestRegistry.User, TestRegistry.Password),
            ((string)kept["ServerURL"]!, (string)kept["Username"]!, (string)kept["Secret"]!)
        );

        run = await RunAsync($"Disconnect-CtrRegistry '{_registry.Host}'; Say left (Get-CtrRegistry).Count");
        Assert.Equal("0", run["left"]);
        Assert.Equal(_registry.Host, (await File.ReadAllTextAsync(Path.Combine(_folder, "erased"))).Trim());
        Assert.Equal("{\"credsStore\":\"everyday\",\"auths\":{}}", JsonNode.Parse(await File.ReadAllTextAsync(Config))!.ToJsonString());
    }

    [Fact]
    public async Task An_invalid_name_a_broken_file_and_an_unreachable_registry_are_errors_and_store_nothing()
    {
        var nowhere = $"localhost:{TestRegistry.FreePort()}";
        var run = await RunAsync(
            $$"""
            function ErrorOf { param($Registry, $User = 'me') try { $null = Connect-CtrRegistry $Registry (Login x $User) -ErrorAction Stop; 'none' } catch { $_.FullyQualifiedErrorId.Split(',')[0] } }
            Say name (ErrorOf 'no registry')
            Say user (ErrorOf '{{_registry.Host}}' 'a:b')
            Say nowhere (ErrorOf {{nowhere}})
            Say file ([IO.File]::Exists('{{Config}}'))
            $null = [IO.Directory]::CreateDirectory('{{Path.GetDirectoryName(Config)}}')
            [IO.File]::WriteAllText('{{Config}}', '[]')
            Say broken (ErrorOf '{{_registry.Host}}')
            """
        );
        Assert.Equal(
            (ErrorIds.InvalidRegistry, ErrorIds.InvalidRegistryLogin, ErrorIds.RegistryUnreachable, "False", ErrorIds.DockerConfigInvalid),
            (run["name"], run["user"], run["nowhere"], run["file"], run["broken"])
        );
    }

    private Task<HostRun> RunAsync(string script) =>
        HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            function Login { param($Password, $User = '{{TestRegistry.User}}') $secret = [securestring]::new(); $Password.ToCharArray().ForEach{ $secret.AppendChar($_) }; [pscredential]::new($User, $secret) }

            """ + script,
            new Dictionary<string, string?>
            {
                ["DOCKER_CONFIG"] = Path.GetDirectoryName(Config),
                ["PATH"] = _folder + ":" + Environment.GetEnvironmentVariable("PATH"),
            }
        );
}
