using System.Diagnostics;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Images;
using Containerd.Client.Tests.Registry;
using Containerd.Testing;

namespace Containerd.Client.Tests.Samples;

/// <summary>The sample programs compile against the packages with all analyzers, and do what they say.</summary>
public sealed class SampleTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "samples");
    private static readonly string[] Names = ["IntegrationTest", "PullToLayout", "RunContainer"];

    private static readonly Lazy<Task<string>> Built = new(async () =>
    {
        // Packages of an earlier build have the same version.
        var packages = Path.Combine(Repository.Root, "out", "samples", "packages");
        if (Directory.Exists(packages))
            Directory.Delete(packages, recursive: true);
        return await Shell.RunAsync(
            "dotnet",
            "build",
            Path.Combine(Folder, "Samples.slnx"),
            "-c",
            "Release",
            "-noAutoResponse",
            "-nodeReuse:false",
            "--nologo"
        );
    });

    [Fact]
    public async Task Every_sample_compiles_with_nullable_and_all_analyzers_as_errors()
    {
        Assert.Contains("0 Warning(s)", await Built.Value, StringComparison.Ordinal);
        Assert.Equal(
            Names,
            Directory.GetFiles(Folder, "*.csproj", SearchOption.AllDirectories).Select(p => Path.GetFileNameWithoutExtension(p)).Order()
        );
        foreach (var name in Names)
        {
            var facts = JsonNode.Parse(
                await Shell.RunAsync(
                    "dotnet",
                    "msbuild",
                    Path.Combine(Folder, name),
                    "-noAutoResponse",
                    "-nodeReuse:false",
                    "-getProperty:AnalysisMode,Nullable,TreatWarningsAsErrors,EnforceCodeStyleInBuild"
                )
            )!["Properties"]!;
            Assert.Equal(
                ("All", "enable", "true", "true"),
                (
                    $"{facts["AnalysisMode"]}",
                    $"{facts["Nullable"]}",
                    $"{facts["TreatWarningsAsErrors"]}",
                    $"{facts["EnforceCodeStyleInBuild"]}"
                )
            );
        }
    }

    [Fact]
    public async Task RunContainer_lists_the_containers_and_shows_what_the_container_writes()
    {
        var ns = fixture.Client.In("default");
        await ns.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());
        await ns.Containers.CreateAsync(new ContainerCreateOptions { Id = "listed", Image = TestImages.Busybox });
        var (code, output, error) = await RunAsync("RunContainer", await ImageAsync(), "sh", "-c", "echo out; echo err >&2; exit 4");
        Assert.Equal((4, $"listed {TestImages.Busybox} no task\nout\n", "err\n"), (code, output, error));
        // Nothing of the run is left.
        Assert.Equal(["listed"], (await ns.Containers.ListAsync()).Select(container => container.ContainerId));

        (code, output, error) = await RunAsync("RunContainer", "none.invalid/none:1");
        Assert.Equal(1, code);
        Assert.StartsWith("Registry", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task IntegrationTest_passes_and_leaves_no_daemon()
    {
        var (code, output, error) = await RunAsync("IntegrationTest", "-noLogo", "-noColor");
        Assert.True(code == 0, output + error);
        Assert.Contains("Total: 2, Errors: 0, Failed: 0, Skipped: 0", output, StringComparison.Ordinal);
        // Other tests have daemons at the same time, with other names.
        Assert.DoesNotContain(CtrDaemons.Find(), daemon => daemon.Name.StartsWith("tests-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PullToLayout_pulls_without_a_daemon()
    {
        var layout = Path.Combine(fixture.NewFolder(), "layout");
        var (code, output, error) = await RunAsync("PullToLayout", await ImageAsync(), layout);
        Assert.True(code == 0, output + error);
        var pulled = await Shell.RunAsync("skopeo", "inspect", "--raw", $"oci:{layout}:1");
        Assert.Equal(await fixture.Registry.InspectAsync("library/busybox:1"), pulled);
        Assert.Contains(
            $"{layout} has the manifest {LayoutBuilder.Digest(System.Text.Encoding.UTF8.GetBytes(pulled))}",
            output,
            StringComparison.Ordinal
        );
        (code, output, error) = await RunAsync("PullToLayout");
        Assert.Equal((2, "", "usage: PullToLayout IMAGE FOLDER [PLATFORM...]\n"), (code, output, error));
    }

    private async Task<string> ImageAsync()
    {
        await fixture.Registry.CopyInAsync($"oci-archive:{await TestImages.BusyboxTarAsync()}", "library/busybox:1");
        return $"{fixture.Registry.Host}/library/busybox:1";
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string sample, params string[] arguments)
    {
        await Built.Value;
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(Folder, sample, "bin", "Release", "net10.0", sample + ".dll"), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["CONTAINERD_ADDRESS"] = fixture.Daemon.Address, ["SAMPLE_IMAGE"] = await ImageAsync() },
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
