using System.Text;
using Containerd.Client;
using Containerd.Host;

namespace IntegrationTest;

/// <summary>A running container of a test.</summary>
public sealed class TestContainer(NamespaceClient containers, string id) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the container's log has a line that contains a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The line.</returns>
    public async Task<string> WaitForLogLineAsync(string text) =>
        (await containers.Readiness.WaitForLogLineAsync(id, text, new LogWaitOptions { Timeout = Patience })).Text;

    /// <summary>Waits until a process in the container listens on a port.</summary>
    /// <param name="port">The port.</param>
    /// <returns>A task that ends when the port is open.</returns>
    public async Task WaitForPortAsync(int port) => await containers.Readiness.WaitForPortAsync(id, port, Patience);

    /// <summary>Runs a further program in the container.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <returns>Its standard output.</returns>
    public async Task<string> ExecAsync(params string[] command)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var outcome = await containers.Execs.RunAsync(
            id,
            new ExecStartOptions { Options = new ExecOptions { Command = command } },
            new ProcessIo { Stdout = output.WriteAsync, Stderr = error.WriteAsync }
        );
        return outcome.Exit.ExitCode == 0
            ? Encoding.UTF8.GetString(output.ToArray())
            : throw new InvalidOperationException($"Exit code {outcome.Exit.ExitCode}: {Encoding.UTF8.GetString(error.ToArray())}");
    }

    /// <summary>Reads what the container has written so far.</summary>
    /// <returns>The lines of both streams.</returns>
    public async Task<IReadOnlyList<string>> LogAsync()
    {
        var all = new List<string>();
        await containers.Logs.ReadAsync(id, new LogReadOptions(), (lines, _) =>
        {
            all.AddRange(lines.Select(line => line.Text));
            return ValueTask.CompletedTask;
        });
        return all;
    }

    public async ValueTask DisposeAsync() => await containers.Containers.RemoveAsync(id, force: true);
}
