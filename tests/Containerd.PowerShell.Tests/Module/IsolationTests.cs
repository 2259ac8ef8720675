using System.Reflection;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>
/// Assemblies of the module are separate from those of other modules. Each story runs in a process of its own, in the engine host and in
/// pwsh: in
/// this one
/// the client is loaded already, for the tests' own sake.
/// </summary>
public sealed class IsolationTests(OneDaemon fixture) : IClassFixture<OneDaemon>
{
    private const string Where = """
        function Where-Loaded {
            $found = [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object {
                if ($_.GetName().Name -eq 'Google.Protobuf') { "$([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name) $($_.GetName().Version)" }
            }
            [string[]]$list = $found
            [Array]::Sort($list)
            $list -join ', '
        }
        function Use-Other {
            $stamp = [Activator]::CreateInstance($other.GetType('Google.Protobuf.WellKnownTypes.Timestamp'))
            $stamp.Seconds = 300
            "$($stamp.CalculateSize()) $($stamp.Descriptor.FullName)"
        }
        $ErrorActionPreference = 'Stop'

        """;

    private static readonly string Other = typeof(IsolationTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "OtherProtobuf")
        .Value!;
    private static readonly Version OtherVersion = AssemblyName.GetAssemblyName(Other).Version!;
    private static readonly Version OwnVersion = AssemblyName
        .GetAssemblyName(Path.Combine(Repository.Module, "lib", "Google.Protobuf.dll"))
        .Version!;

    [Theory]
    [InlineData("the engine host")]
    [InlineData("pwsh")]
    public async Task Another_Protobuf_that_was_loaded_before_the_module_does_not_conflict_with_the_modules_own(string host)
    {
        var run = await RunAsync(
            host,
            $$"""
            $other = [Reflection.Assembly]::LoadFrom('{{Other}}')
            Say before (Where-Loaded)
            Say other (Use-Other)
            Import-Module Containerd
            Say imported (Where-Loaded)
            Say version (Get-CtrVersion).Version
            Say namespaces @(Get-CtrContainer).Count
            Say used (Where-Loaded)
            Say otherAgain (Use-Other)
            """
        );
        Assert.Equal($"Default {OtherVersion}", run["before"]);
        Assert.Equal($"Default {OtherVersion}", run["imported"]);
        Assert.Equal($"Containerd {OwnVersion}, Default {OtherVersion}", run["used"]);
        Assert.Equal("3 google.protobuf.Timestamp", run["other"]);
        Assert.Equal("3 google.protobuf.Timestamp", run["otherAgain"]);
        Assert.Equal(fixture.Daemon.Daemon.Version, run["version"]);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("the engine host")]
    [InlineData("pwsh")]
    public async Task Another_Protobuf_that_is_loaded_after_the_modules_own_is_loaded_beside_it(string host)
    {
        var run = await RunAsync(
            host,
            $$"""
            Import-Module Containerd
            Say version (Get-CtrVersion).Version
            Say alone (Where-Loaded)
            $other = [Reflection.Assembly]::LoadFrom('{{Other}}')
            Say other (Use-Other)
            Say both (Where-Loaded)
            Say versionAgain (Get-CtrVersion).Version
            $context = { param($name) [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { if ($_.GetName().Name -eq $name) { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name } } }
            Say model (& $context Containerd)
            Say cmdlets (& $context Containerd.PowerShell)
            Say client (& $context Containerd.Client)
            Say grpc (& $context Grpc.Net.Client)
            """
        );
        Assert.Equal($"Containerd {OwnVersion}", run["alone"]);
        Assert.Equal($"Containerd {OwnVersion}, Default {OtherVersion}", run["both"]);
        Assert.Equal("3 google.protobuf.Timestamp", run["other"]);
        Assert.Equal(run["version"], run["versionAgain"]);
        Assert.Equal("Default", run["model"]);
        Assert.Equal("Default", run["cmdlets"]);
        Assert.Equal("Containerd", run["client"]);
        Assert.Equal("Containerd", run["grpc"]);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("the engine host")]
    [InlineData("pwsh")]
    public async Task A_cmdlet_can_use_a_type_of_each_library_beside_another_Protobuf(string host)
    {
        var run = await RunAsync(
            host,
            $$"""
            $other = [Reflection.Assembly]::LoadFrom('{{Other}}')
            Import-Module Containerd
            $cmdlets = (Get-Command Get-CtrTask).ImplementingType.Assembly
            # As the runtime resolves a reference of the cmdlets' assembly, when a method that needs it is compiled.
            $context = [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($cmdlets)
            $referred = $cmdlets.GetReferencedAssemblies() | Where-Object { [IO.File]::Exists("$((Get-Module Containerd).ModuleBase)/lib/$($_.Name).dll") }
            [string[]]$names = $referred.Name
            [Array]::Sort($names)
            Say referred $names
            Say contexts ($referred | ForEach-Object { [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($context.LoadFromAssemblyName($_)).Name })
            function Get-LibraryType($Library, $Type) { $context.LoadFromAssemblyName([Reflection.AssemblyName]::new($Library)).GetType($Type, $true) }
            function Use-Static($Type, $Method, [object[]]$Arguments) {
                $found = $Type.GetMethods([Reflection.BindingFlags]'Static, Public, NonPublic') | Where-Object { $_.Name -eq $Method -and $_.GetParameters().Count -eq $Arguments.Count }
                @($found)[0].Invoke($null, $Arguments)
            }
            Say host (Use-Static (Get-LibraryType Containerd.Host Containerd.Host.Mounts.MountTable) Unescape @('a\040b'))
            Say oci (Use-Static (Get-LibraryType Containerd.Oci Containerd.Oci.Images.RegistryReference) Parse @('registry.example/team/web:1')).Repository
            $message = [Activator]::CreateInstance((Get-LibraryType Containerd.Client Containerd.Client.Wire.Events.TaskOOM), $true)
            $message.ContainerId = 'web'
            Say client "$($message.CalculateSize()) $($message.Descriptor.FullName)"
            Say protobuf ([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($message.Descriptor.GetType().Assembly).Name)
            Say other (Use-Other)
            """
        );
        Assert.Equal("Containerd.Client Containerd.Host Containerd.Oci", run["referred"]);
        Assert.Equal("Containerd Containerd Containerd", run["contexts"]);
        Assert.Equal("a b", run["host"]);
        Assert.Equal("team/web", run["oci"]);
        Assert.Equal("5 containerd.events.TaskOOM", run["client"]);
        Assert.Equal("Containerd", run["protobuf"]);
        Assert.Equal("3 google.protobuf.Timestamp", run["other"]);
        Assert.Equal(0, run.Code);
    }

    [Theory]
    [InlineData("the engine host")]
    [InlineData("pwsh")]
    public async Task The_module_can_be_imported_by_force_removed_imported_again_and_used_by_several_runspaces(string host)
    {
        var run = await RunAsync(
            host,
            """
            Import-Module Containerd
            $session = Connect-CtrSession -Name kept
            Import-Module Containerd -Force
            Say forced (Get-CtrVersion).Version
            Say commands (Get-Module Containerd).ExportedCmdlets.Count
            Remove-Module Containerd
            Say kept $session.State
            Say gone (-not (Get-Module Containerd))
            Import-Module Containerd
            Say again (Get-CtrVersion).Version
            Say same (Get-CtrVersion).Session

            $shells = 1..2 | ForEach-Object {
                $runspace = [Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
                $runspace.Open()
                [powershell]::Create($runspace).AddScript('Import-Module Containerd; (Get-CtrVersion).Version')
            }
            $running = $shells | ForEach-Object { $_.BeginInvoke() }
            Say parallel (& { for ($i = 0; $i -lt 2; $i++) { $shells[$i].EndInvoke($running[$i]) } })
            Say problems ($shells | ForEach-Object { $_.Streams.Error })
            Say contexts @([Runtime.Loader.AssemblyLoadContext]::All | ForEach-Object { if ($_.Name -eq 'Containerd') { $_ } }).Count

            Say literal ([Containerd.CtrTask].FullName)
            Say made ([Containerd.CtrTask]@{ ContainerId = 'x'; Status = 'Running' }).Status
            try { Get-CtrContainer none -ErrorAction Stop } catch [Containerd.CtrNotFoundException] { Say caught $_.Exception.ErrorId }
            try { Connect-CtrSession /no/such.sock } catch [Containerd.CtrConnectionException] { Say caughtConnection $_.Exception.ErrorId }
            """
        );
        var version = run["forced"];
        Assert.NotEmpty(version);
        Assert.NotEqual("0", run["commands"]);
        Assert.Equal("Opened", run["kept"]);
        Assert.Equal("True", run["gone"]);
        Assert.Equal(version, run["again"]);
        Assert.Equal("kept", run["same"]);
        Assert.Equal($"{version} {version}", run["parallel"]);
        Assert.Equal("", run["problems"]);
        Assert.Equal("1", run["contexts"]);
        Assert.Equal("Containerd.CtrTask", run["literal"]);
        Assert.Equal("Running", run["made"]);
        Assert.Equal(ErrorIds.ContainerNotFound, run["caught"]);
        Assert.Equal(ErrorIds.SocketNotFound, run["caughtConnection"]);
        Assert.Equal(0, run.Code);
    }

    private async Task<HostRun> RunAsync(string host, string script)
    {
        if (host == "pwsh" && HostProcess.Pwsh is null)
            Assert.Skip("This machine has no pwsh: the script ran in the engine host alone.");
        var environment = new Dictionary<string, string?> { ["CONTAINERD_ADDRESS"] = fixture.Daemon.Address };
        return host == "pwsh"
            ? await HostProcess.RunInPwshAsync(Where + script, environment)
            : await HostProcess.RunAsync(Where + script, environment);
    }
}
