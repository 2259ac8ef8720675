using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>The packages that ./build.sh package made: what is in them, and that it works from there.</summary>
public sealed class PackageTests(OneDaemon fixture) : IClassFixture<OneDaemon>, IDisposable
{
    private static readonly string Packages = Path.Combine(Repository.Root, "out", "packages");
    private static readonly string OwnPlatform = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_modules_package_contains_the_module_folder_and_is_recognized_as_a_module()
    {
        using var package = ZipFile.OpenRead(Only("Containerd.0*.nupkg"));
        var expected = Directory
            .EnumerateFiles(Repository.Module, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Module, file))
            .Where(file => !file.EndsWith(".pdb", StringComparison.Ordinal));
        var own = new[] { "Containerd.nuspec", "[Content_Types].xml", "_rels/.rels" };
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            package
                .Entries.Select(entry => entry.FullName)
                .Except(own)
                .Where(name => !name.StartsWith("package/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );

        using var stream = package.GetEntry("Containerd.nuspec")!.Open();
        var facts = XDocument
            .Load(stream)
            .Descendants()
            .Where(element => !element.HasElements)
            .GroupBy(element => element.Name.LocalName)
            .ToDictionary(group => group.Key, group => group.First().Value);
        Assert.Equal("Containerd", facts["id"]);
        // By this tag a repository tells a module from a script.
        Assert.Contains("PSModule", facts["tags"].Split(' '));
        // And by these the module of a command.
        Assert.Contains("PSCommand_Get-CtrTask", facts["tags"].Split(' '));
        Assert.Contains("PSCmdlet_Watch-CtrEvent", facts["tags"].Split(' '));
        Assert.False(facts.ContainsKey("dependency"));
    }

    [Fact]
    public void No_package_contains_the_path_of_its_build()
    {
        var root = System.Text.Encoding.UTF8.GetBytes(Repository.Root.TrimEnd('/') + "/");
        foreach (var path in Directory.EnumerateFiles(Packages, "*.nupkg"))
        {
            using var package = ZipFile.OpenRead(path);
            foreach (var entry in package.Entries)
            {
                using var stream = entry.Open();
                using var memory = new MemoryStream();
                stream.CopyTo(memory);
                Assert.True(memory.ToArray().AsSpan().IndexOf(root) < 0, $"{Path.GetFileName(path)}: {entry.FullName}");
            }
        }
    }

    [Fact]
    public async Task A_module_that_was_unpacked_from_its_package_works()
    {
        ZipFile.ExtractToDirectory(Only("Containerd.0*.nupkg"), Path.Combine(_folder, "Containerd"));
        var modules = new Dictionary<string, string?>
        {
            ["CONTAINERD_MODULES"] = _folder,
            ["PSModulePath"] = _folder,
            ["CONTAINERD_ADDRESS"] = fixture.Daemon.Address,
        };
        var run = await HostProcess.RunAsync(
            """
            Import-Module Containerd
            Say from (Get-Module Containerd).ModuleBase
            Say version (Get-CtrVersion).Version
            Say help (Get-Help Get-CtrTask).Synopsis.Trim()
            """,
            modules
        );
        Assert.Equal(Path.Combine(_folder, "Containerd"), run["from"]);
        Assert.Equal(await DaemonVersionAsync(), run["version"]);
        Assert.NotEmpty(run["help"]);
    }

    [Fact]
    public async Task A_repository_installs_it()
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "This machine has no pwsh.");
        var run = await HostProcess.RunInPwshAsync(
            $$"""
            if (-not (Get-Command Install-PSResource -ErrorAction Ignore)) { Say has no; return }
            Say has yes
            Register-PSResourceRepository -Name ctr-test -Uri '{{Packages}}' -Trusted
            try { Save-PSResource Containerd -Repository ctr-test -Path '{{_folder}}' }
            finally { Unregister-PSResourceRepository ctr-test }
            Import-Module '{{_folder}}/Containerd'
            Say commands (Get-Command -Module Containerd).Count
            """,
            new Dictionary<string, string?> { ["PSModulePath"] = null }
        );
        Assert.SkipWhen(run["has"] == "no", "This machine's pwsh has no PSResourceGet.");
        Assert.True(int.Parse(run["commands"], System.Globalization.CultureInfo.InvariantCulture) > 40, run.Output);
    }

    [Fact]
    public async Task The_client_library_is_used_from_its_package()
    {
        var version = Path.GetFileNameWithoutExtension(Only("Containerd.Client.*.nupkg"))["Containerd.Client.".Length..];
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "user.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{Packages}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{_folder}/packages</RestorePackagesPath>
                <RestoreFallbackFolders>{Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                    ".nuget",
                    "packages"
                )}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Containerd.Client" Version="{version}" /></ItemGroup>
            </Project>
            """
        );
        // The program of the library's README, but for the address; its further parts are compiled.
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", "Containerd.Client", "README.md"));
        var parts = readme.Split("```csharp\n").Skip(1).Select(part => part.Split("```")[0]).ToList();
        Assert.InRange(parts.Count, 3, 9);
        var program = parts[0].Replace("unix:///run/containerd/containerd.sock", fixture.Daemon.Address, StringComparison.Ordinal);
        var others = string.Concat(
            parts.Skip(1).Select((part, i) => $"static async Task Part{i}(NamespaceClient containers)\n{{\n{part}}}\n")
        );
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "Program.cs"),
            $$"""
            {{program}}
            Console.WriteLine(client.Session.Version);
            foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories)) Console.WriteLine(Path.GetRelativePath(AppContext.BaseDirectory, file));
            {{others}}
            """
        );
        await Shell.RunAsync("dotnet", "build", _folder, "-c", "Release", "-nodeReuse:false");
        var said = await Shell.RunAsync("dotnet", Path.Combine(_folder, "bin", "Release", "net10.0", "user.dll"));
        var lines = said.Trim().Split('\n');
        Assert.Equal(await DaemonVersionAsync(), lines[0]);
        Assert.All(Loggers(), logger => Assert.Contains($"runtimes/{PlatformOf(logger)}/native/containerd-logger", lines));

        using var package = ZipFile.OpenRead(Only("Containerd.Client.*.nupkg"));
        Assert.Contains(package.Entries, entry => entry.FullName == "lib/net8.0/Containerd.Client.xml");
        Assert.Contains(package.Entries, entry => entry.FullName == "lib/net8.0/Containerd.xml");
    }

    [Theory]
    [InlineData("linux-x64", 62)]
    [InlineData("linux-arm64", 183)]
    public void Both_packages_hold_the_logger_of_each_platform_that_can_be_compiled_for(string platform, ushort machine)
    {
        // The build has said why.
        Assert.SkipUnless(
            platform == OwnPlatform || Directory.Exists(Path.Combine(Repository.Module, "lib", platform)),
            $"This module was built without the logger for {platform}."
        );
        var logger = File.ReadAllBytes(Path.Combine(Repository.Module, "lib", platform, "containerd-logger"));
        // An ELF header says what processor it is for.
        Assert.Equal("\u007FELF"u8.ToArray(), logger[..4]);
        Assert.Equal(machine, BinaryPrimitives.ReadUInt16LittleEndian(logger.AsSpan(18)));
        Assert.Equal(logger, Unpacked("Containerd.0*.nupkg", $"lib/{platform}/containerd-logger"));
        Assert.Equal(logger, Unpacked("Containerd.Client.*.nupkg", $"runtimes/{platform}/native/containerd-logger"));
    }

    [Fact]
    public void The_bill_of_materials_lists_every_third_party_assembly_and_the_native_code()
    {
        using var bill = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Module, "bom.cdx.json")));
        var listed = bill
            .RootElement.GetProperty("components")
            .EnumerateArray()
            .SelectMany(package => package.GetProperty("components").EnumerateArray())
            .ToDictionary(
                file => file.GetProperty("name").GetString()!,
                file => file.GetProperty("hashes")[0].GetProperty("content").GetString()!
            );
        var others = Directory
            .EnumerateFiles(Path.Combine(Repository.Module, "lib"), "*.dll")
            .Where(file => !Path.GetFileName(file).StartsWith("Containerd.", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(others);
        var native = Loggers();
        Assert.Equal(
            others
                .Concat(native)
                .ToDictionary(
                    file => Path.GetRelativePath(Repository.Module, file),
                    file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))
                ),
            listed
        );
        // Each by its place and platform, as their names are one.
        Assert.Equal(
            native.Select(file => (Path.GetRelativePath(Repository.Module, file), true)).Order(),
            bill.RootElement.GetProperty("components")
                .EnumerateArray()
                .Where(component => component.GetProperty("name").GetString() == "containerd-logger")
                .Select(component =>
                    (Place: component.GetProperty("bom-ref").GetString()!, Description: component.GetProperty("description").GetString()!)
                )
                .Select(component =>
                    (component.Place, component.Description.Contains(PlatformOf(component.Place), StringComparison.Ordinal))
                )
                .Order()
        );
    }

    /// <summary>The built module's loggers, which are there for this platform at least.</summary>
    private static List<string> Loggers()
    {
        var loggers = Directory
            .GetFiles(Path.Combine(Repository.Module, "lib"), "containerd-logger*", SearchOption.AllDirectories)
            .ToList();
        Assert.Contains(OwnPlatform, loggers.Select(PlatformOf));
        return loggers;
    }

    private static string PlatformOf(string logger) => Path.GetFileName(Path.GetDirectoryName(logger)!);

    private static byte[] Unpacked(string packages, string name)
    {
        using var package = ZipFile.OpenRead(Only(packages));
        using var stream = package.GetEntry(name)!.Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private async Task<string> DaemonVersionAsync() =>
        (await fixture.Daemon.CtrAsync("version"))
            .Split("Server:")[1]
            .Split("Version:")[1]
            .Split('\n')[0]
            .Trim()
            .TrimStart('v')
            .Split('~', '+')[0];

    private static string Only(string pattern) => Assert.Single(Directory.GetFiles(Packages, pattern));
}
