using System.Diagnostics;
using Containerd.EngineHost;

namespace Containerd.Testing;

/// <summary>
/// Runs scripts in processes of their own, where nothing but the engine is loaded and no session is open: what depends on either is tested
/// here.
/// A script tells what it found with <c>Say NAME VALUE</c>.
/// </summary>
public static class HostProcess
{
    private const string Say = "function Say { param($Name, $Value) [Console]::Out.WriteLine(\"$Name=$Value\") }\n";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>The pwsh of this machine; null where there is none.</summary>
    public static string? Pwsh { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Select(folder => Path.Combine(folder, "pwsh"))
            .FirstOrDefault(File.Exists);

    /// <summary>Runs a script in the engine host of this repository.</summary>
    /// <param name="script">The script's text.</param>
    /// <param name="environment">Environment variables besides this process's; null takes one away.</param>
    /// <param name="input">Its standard input; null for this process's.</param>
    public static Task<HostRun> RunAsync(string script, IReadOnlyDictionary<string, string?>? environment = null, string? input = null) =>
        RunAsync([Dotnet, typeof(EngineSession).Assembly.Location], script, environment, input);

    /// <summary>Runs a script in the engine host as a user who is not root, and may read everything but write nothing.</summary>
    public static Task<HostRun> RunUnprivilegedAsync(string script, IReadOnlyDictionary<string, string?>? environment = null) =>
        RunAsync(
            [
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=-all,+dac_read_search",
                Dotnet,
                typeof(EngineSession).Assembly.Location,
            ],
            script,
            environment
        );

    /// <summary>Runs a script in the engine host, in a mount namespace of its own.</summary>
    /// <param name="mounts">The shell commands that mount what only the script sees.</param>
    /// <param name="script">The script's text.</param>
    public static Task<HostRun> RunBesideMountsAsync(string mounts, string script) =>
        RunAsync(
            [
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                $"{mounts} && exec \"$@\"",
                "sh",
                Dotnet,
                typeof(EngineSession).Assembly.Location,
            ],
            script,
            environment: null
        );

    /// <summary>Runs a script in the pwsh of this machine.</summary>
    public static Task<HostRun> RunInPwshAsync(string script, IReadOnlyDictionary<string, string?>? environment = null) =>
        RunAsync(
            [Pwsh ?? throw new InvalidOperationException("There is no pwsh."), "-NoProfile", "-NonInteractive", "-File"],
            script,
            environment
        );

    /// <summary>Runs a script in the pwsh of this machine, which may ask questions, in a session without a terminal.</summary>
    /// <param name="script">The script's text.</param>
    /// <param name="closed">
    /// Whether its standard input is closed; else it is empty. A question waits for ever on one that is closed, whatever asks it.
    /// </param>
    public static Task<HostRun> RunInPwshWithoutConsoleAsync(string script, bool closed) =>
        RunAsync(
            [
                "setsid",
                "--wait",
                "sh",
                "-c",
                closed ? "exec \"$@\" <&-" : "exec \"$@\" < /dev/null",
                "sh",
                Pwsh ?? throw new InvalidOperationException("There is no pwsh."),
                "-NoProfile",
                "-File",
            ],
            script,
            environment: null
        );

    private static string Dotnet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    private static async Task<HostRun> RunAsync(
        string[] command,
        string script,
        IReadOnlyDictionary<string, string?>? environment,
        string? input = null
    )
    {
        var folder = Directory.CreateTempSubdirectory("containerd-script-").FullName;
        try
        {
            var file = Path.Combine(folder, "script.ps1");
            await File.WriteAllTextAsync(file, Say + script);
            var start = new ProcessStartInfo(command[0], [.. command[1..], file])
            {
                UseShellExecute = false,
                RedirectStandardInput = input is not null,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["CONTAINERD_MODULES"] = Path.GetDirectoryName(Repository.Module);
            start.Environment["PSModulePath"] = Path.GetDirectoryName(Repository.Module);
            start.Environment["NO_COLOR"] = "1";
            foreach (var inherited in new[] { "CONTAINERD_ADDRESS", "CONTAINERD_NAMESPACE", "XDG_RUNTIME_DIR" })
                start.Environment.Remove(inherited);
            foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
                start.Environment[name] = value;

            using var process = Process.Start(start)!;
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input);
                process.StandardInput.Close();
            }

            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            using var deadline = new CancellationTokenSource(Deadline);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                throw new TimeoutException($"The script did not end within {Deadline.TotalSeconds:0} s:\n{await output}\n{await error}");
            }

            return new HostRun(process.ExitCode, await output, await error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
