using System.Diagnostics;

namespace Containerd.Testing;

/// <summary>Runs other programs.</summary>
public static class Shell
{
    /// <summary>Runs a program to its end and returns its output; a failure is an exception with its standard error.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, error) = await TryAsync(program, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {error.Trim()}");
    }

    /// <summary>Runs a program to its end, without an exception if it fails.</summary>
    public static async Task<(int Code, string Output, string Error)> TryAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Stops a process (SIGSTOP), and waits until each of its threads is stopped: until then it can still answer.</summary>
    public static async Task FreezeAsync(int pid)
    {
        await RunAsync("kill", "-STOP", $"{pid}");
        // The state follows the name, which can contain any characters.
        await Eventually.TrueAsync(() =>
            Directory
                .GetDirectories($"/proc/{pid}/task")
                .Select(t => File.ReadAllText($"{t}/stat"))
                .All(stat => stat[stat.LastIndexOf(')') + 2] == 'T')
        );
    }
}
