using System.IO.Pipes;
using System.Runtime.InteropServices;
using Containerd.Host.Helpers;
using Containerd.Host.Logs;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Logs;

/// <summary>
/// The log writer of a task: the helper program, which containerd's shim starts as a logging binary (<c>binary://</c>). Its URI and its
/// files (<see cref="LogPaths"/>) are what its readers know of it.
/// </summary>
internal static class LogHelper
{
    internal const int DefaultMaxFiles = 5;

    private const string Scheme = "binary://";

    /// <summary>The time that a helper has to write the contents of its pipes to the files.</summary>
    private static readonly TimeSpan SyncPatience = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="Install(string, string, out bool)"/>
    internal static string Install(string root, string folder) => Install(root, folder, out _);

    /// <summary>Installs the helper program that comes with this library.</summary>
    /// <param name="root">A folder that is not checked.</param>
    /// <param name="folder">The folder of the program, below the root.</param>
    /// <param name="isNew">Whether this build was installed now.</param>
    /// <returns>The path of the program.</returns>
    internal static string Install(string root, string folder, out bool isNew)
    {
        if (!OperatingSystem.IsLinux())
            throw HelperProgram.Missing(RuntimeInformation.RuntimeIdentifier);
        var installer = new HelperInstaller(root, folder);
        isNew = installer.Install(HelperProgram.Find(Path.GetDirectoryName(typeof(LogHelper).Assembly.Location)!));
        return installer.Path;
    }

    /// <summary>
    /// The standard output of a task for containerd: the program, and its arguments as a query. The shim makes an argument of the name of a
    /// parameter and one of its value, so the name is the verb.
    /// </summary>
    internal static string Uri(string program, LogWriterOptions options) =>
        $"{Scheme}{string.Join('/', program.Split('/').Select(System.Uri.EscapeDataString))}"
        + $"?{HelperContract.LogVerb}={System.Uri.EscapeDataString(options.Format())}";

    /// <summary>How the helper of a task writes its output; null where the output goes elsewhere.</summary>
    internal static LogWriterOptions? OptionsOf(string stdout)
    {
        const string Head = $"?{HelperContract.LogVerb}=";
        var at = stdout.StartsWith(Scheme, StringComparison.Ordinal) ? stdout.IndexOf(Head, StringComparison.Ordinal) : -1;
        return at >= 0 && IsOurs(stdout[..at]) ? LogWriterOptions.Read(System.Uri.UnescapeDataString(stdout[(at + Head.Length)..])) : null;
    }

    /// <summary>Whether the helper of these files runs.</summary>
    internal static bool Runs(string prefix)
    {
        using var requests = Open(prefix);
        return requests is not null;
    }

    /// <summary>Why the helper of these files does not run, if it could report that.</summary>
    internal static CtrRuntimeException Failed(string containerId, string prefix)
    {
        var error = LogPaths.ErrorOf(prefix);
        var reason = File.Exists(error) ? File.ReadAllText(error) : "it ended at once";
        return new CtrRuntimeException($"The logger of container '{containerId}' did not start: {reason}.")
        {
            ErrorId = ErrorIds.LoggerFailed,
            Subject = containerId,
        };
    }

    /// <summary>
    /// Waits until all earlier output of a process is in the files. With a terminal the shim hands the output over in its own time,
    /// so that only the end of the helper is the end.
    /// </summary>
    /// <returns>Whether it is complete.</returns>
    internal static async ValueTask<bool> SyncAsync(string prefix, bool terminal, CancellationToken cancellationToken)
    {
        using var requests = Open(prefix);
        if (requests is null)
            return true;
        if (terminal)
            return false;
        using var stream = new AnonymousPipeClientStream(PipeDirection.Out, requests);
        try
        {
            await stream.WriteAsync(new byte[] { 1 }, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It has just exited, or hangs.
            return false;
        }

        var giveUp = Environment.TickCount64 + (long)SyncPatience.TotalMilliseconds;
        while (LibcWatch.Unread(requests) > 0)
        {
            if (!Runs(prefix))
                return true;
            if (Environment.TickCount64 > giveUp)
                return false;
            await Task.Delay(2, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static bool IsOurs(string program) =>
        program[(program.LastIndexOf('/') + 1)..] is var name
        && (
            name.StartsWith(HelperContract.Program, StringComparison.Ordinal)
            || name.StartsWith(HelperContract.FormerProgram, StringComparison.Ordinal)
        );

    private static SafePipeHandle? Open(string prefix) =>
        OperatingSystem.IsLinux() && File.Exists(LogPaths.RequestsOf(prefix)) ? Libc.TryOpenFifoToWrite(LogPaths.RequestsOf(prefix)) : null;
}
