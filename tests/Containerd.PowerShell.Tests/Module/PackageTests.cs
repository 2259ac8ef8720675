using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>The packages that ./build.sh package made: what is in them, and that it works from there.</summary>
public sealed class PackageTests(OneDaemon fixture) : IClassFixture<OneDaemon>, IDisposable
{
    private static readonly string[] PackageIds =
    [
        "Containerd",
        "Containerd.Client",
        "Containerd.Host",
        "Containerd.Model",
        "Containerd.Oci",
    ];
    private static readonly string Packages = Path.Combine(Repository.Root, "out", "packages");
    private static readonly string OwnPlatform = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    private static readonly string Version = Path.GetFileNameWithoutExtension(Only("Containerd.0*.nupkg"))["Containerd.".Length..];

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
        foreach (var path in Directory.EnumerateFiles(Packages, "*nupkg"))
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
              <ItemGroup><PackageReference Include="Containerd.Client" Version="{Version}" /></ItemGroup>
            </Project>
            """
        );
        // The program of the library's README, but for the address; its further parts are compiled.
        var parts = await ReadmePartsAsync("Containerd.Client");
        Assert.InRange(parts.Count, 3, 9);
        parts.AddRange(await ReadmePartsAsync("Containerd.Oci"));
        var program = parts[0].Replace("unix:///run/containerd/containerd.sock", fixture.Daemon.Address, StringComparison.Ordinal);
        var others = string.Concat(
            parts.Skip(1).Select((part, i) => $"static async Task Part{i}(NamespaceClient containers)\n{{\n{WithoutUsings(part)}}}\n")
        );
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "Program.cs"),
            $$"""
            using Containerd.Oci;
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
        Assert.All(Helpers(), helper => Assert.Contains($"runtimes/{PlatformOf(helper)}/native/containerd-helper", lines));
    }

    [Theory]
    [InlineData("Containerd.Model", "Containerd", "")]
    [InlineData("Containerd.Host", "Containerd.Host", "Containerd.Model")]
    [InlineData("Containerd.Oci", "Containerd.Oci", "Containerd.Host Containerd.Model Tomlyn ZstdSharp.Port")]
    [InlineData(
        "Containerd.Client",
        "Containerd.Client",
        "Containerd.Host Containerd.Model Containerd.Oci Google.Api.CommonProtos Google.Protobuf Grpc.Net.Client Tomlyn ZstdSharp.Port"
    )]
    public void A_librarys_package_has_its_assembly_documentation_readme_and_symbols(string id, string assembly, string dependencies)
    {
        var path = Only($"{id}.{Version}.nupkg");
        using var package = ZipFile.OpenRead(path);
        Assert.Equal(
            [$"lib/net8.0/{assembly}.dll", $"lib/net8.0/{assembly}.xml"],
            package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("lib/", StringComparison.Ordinal)).Order()
        );
        var readme = Encoding.UTF8.GetString(Unpacked(path, "README.md"));
        Assert.StartsWith($"# {id}\n", readme, StringComparison.Ordinal);
        var documentation = XDocument.Load(new MemoryStream(Unpacked(path, $"lib/net8.0/{assembly}.xml")));
        Assert.True(documentation.Descendants("member").Count() > 10);

        var metadata = XDocument.Load(new MemoryStream(Unpacked(path, id + ".nuspec"))).Root!.Elements().Single();
        string Fact(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal((id, Version, "MIT", "README.md"), (Fact("id"), Fact("version"), Fact("license"), Fact("readme")));
        Assert.InRange(Fact("description").Length, 60, 300);
        Assert.NotEmpty(Fact("tags"));
        Assert.NotEmpty(Fact("projectUrl"));
        var found = metadata.Descendants().Where(element => element.Name.LocalName == "dependency").ToList();
        Assert.Equal(dependencies, string.Join(' ', found.Select(element => element.Attribute("id")!.Value).Order(StringComparer.Ordinal)));
        // Libraries of one build belong together.
        Assert.All(found.Where(element => element.Attribute("id")!.Value.StartsWith("Containerd.", StringComparison.Ordinal)), element =>
            Assert.Equal(Version, element.Attribute("version")!.Value)
        );

        // The symbols are those of this assembly: both have one signature.
        using var symbols = new MemoryStream(Unpacked(Path.ChangeExtension(path, "snupkg"), $"lib/net8.0/{assembly}.pdb"));
        using var reader = new PEReader(new MemoryStream(Unpacked(path, $"lib/net8.0/{assembly}.dll")));
        var entry = reader.ReadDebugDirectory().Single(e => e.IsPortableCodeView);
        using var provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
        var pdb = provider.GetMetadataReader();
        Assert.Equal(reader.ReadCodeViewDebugDirectoryData(entry).Guid, new BlobContentId(pdb.DebugMetadataHeader!.Id).Guid);
        // Sources have the same names wherever it is built.
        Assert.All(pdb.Documents.Select(handle => pdb.GetString(pdb.GetDocument(handle).Name)), name =>
            Assert.StartsWith("/_/", name, StringComparison.Ordinal)
        );
        Assert.Contains(reader.ReadDebugDirectory(), e => e.Type == DebugDirectoryEntryType.Reproducible);
    }

    [Fact]
    public void There_is_a_package_of_the_module_and_one_of_each_library() =>
        Assert.Equal(
            PackageIds.Select(id => $"{id}.{Version}.nupkg"),
            Directory.GetFiles(Packages, "*.nupkg").Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("linux-x64", 62)]
    [InlineData("linux-arm64", 183)]
    public void Both_packages_contain_the_helper_program_for_each_platform_that_can_be_compiled_for(string platform, ushort machine)
    {
        // The build has reported the reason.
        Assert.SkipUnless(
            platform == OwnPlatform || Directory.Exists(Path.Combine(Repository.Module, "lib", platform)),
            $"This module was built without the helper program for {platform}."
        );
        var helper = File.ReadAllBytes(Path.Combine(Repository.Module, "lib", platform, "containerd-helper"));
        Assert.Equal(machine, new ElfFile(Path.Combine(Repository.Module, "lib", platform, "containerd-helper")).Machine);
        Assert.Equal(helper, Unpacked(Only("Containerd.0*.nupkg"), $"lib/{platform}/containerd-helper"));
        Assert.Equal(helper, Unpacked(Only("Containerd.Client.*.nupkg"), $"runtimes/{platform}/native/containerd-helper"));
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
        var native = Helpers();
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
                .Where(component => component.GetProperty("name").GetString() == "containerd-helper")
                .Select(component =>
                    (
                        Reference: component.GetProperty("bom-ref").GetString()!,
                        Description: component.GetProperty("description").GetString()!
                    )
                )
                .Select(component =>
                    (component.Reference, component.Description.Contains(PlatformOf(component.Reference), StringComparison.Ordinal))
                )
                .Order()
        );
    }

    /// <summary>The examples of a library's README.</summary>
    private static async Task<List<string>> ReadmePartsAsync(string library)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", library, "README.md"));
        return [.. readme.Split("```csharp\n").Skip(1).Select(part => part.Split("```")[0])];
    }

    private static string WithoutUsings(string part) =>
        string.Join('\n', part.Split('\n').Where(line => !line.StartsWith("using Containerd", StringComparison.Ordinal)));

    /// <summary>The helper programs of the built module: at least the one for this platform.</summary>
    private static List<string> Helpers()
    {
        var helpers = Directory
            .GetFiles(Path.Combine(Repository.Module, "lib"), "containerd-helper*", SearchOption.AllDirectories)
            .ToList();
        Assert.Contains(OwnPlatform, helpers.Select(PlatformOf));
        return helpers;
    }

    private static string PlatformOf(string helper) => Path.GetFileName(Path.GetDirectoryName(helper)!);

    private static byte[] Unpacked(string package, string name)
    {
        using var archive = ZipFile.OpenRead(package);
        using var stream = archive.GetEntry(name)!.Open();
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
