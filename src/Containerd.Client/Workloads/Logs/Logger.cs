using System.Globalization;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Workloads.Logs;

/// <summary>
/// The module's logging binary, which containerd's shim starts for a task (<c>binary://</c>), and its protocol with readers: the prefix of
/// a start's file names ends after its number. <c>.1.log</c>, <c>.2.log</c>, … are the output; <c>.sync</c> is a named pipe for readers'
/// requests; <c>.error</c> contains the reason if the logger failed.
/// </summary>
internal static class Logger
{
    internal const int DefaultMaxFiles = 5;

    private const string Program = "containerd-logger";
    private const string Parameter = "log";

    /// <summary>The time limit for a logger to write pending data of its pipes.</summary>
    private static readonly TimeSpan SyncPatience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The path of the logger's program below a root, where the shim finds it even if the module's folder is removed; its name depends on
    /// its content. The program is copied if it does not exist there.
    /// </summary>
    internal static string Install(string root)
    {
        // In the module's folder; beside a program that uses the client library's package; and the path if such a program is built for one
        // platform.
        var beside = Path.GetDirectoryName(typeof(Logger).Assembly.Location)!;
        string[] places =
        [
            Path.Combine(beside, Platform(), Program),
            Path.Combine(beside, "runtimes", Platform(), "native", Program),
            Path.Combine(beside, Program),
        ];
        if (places.FirstOrDefault(File.Exists) is not { } packed)
        {
            throw new CtrNotSupportedException($"This build does not include the logger for {Platform()}.")
            {
                ErrorId = "LoggerMissing",
                Remedy = "Use a plain log without a size limit, or build on such a machine; the build requires gcc or clang.",
            };
        }

        byte[] bytes = File.ReadAllBytes(packed);
        var folder = Path.Combine(root, "bin");
        var path = Path.Combine(folder, $"{Program}-{Convert.ToHexString(SHA256.HashData(bytes), 0, 8).ToLowerInvariant()}");
        if (!OperatingSystem.IsLinux())
            return path;
        TrustedFolder.Make(root, folder, tighten: true);
        // The shim runs it as root. It is copied atomically, even with concurrent copies.
        if (!TrustedFolder.IsTrustedFile(path))
            TrustedFolder.Write(path, bytes, TrustedFolder.FolderMode);
        return path;
    }

    /// <summary>
    /// The URI of the task's standard output for containerd, with the logger and its settings. There is one parameter, because containerd
    /// shuffles several.
    /// </summary>
    internal static string Uri(string program, string prefix, TaskStart start, bool terminal, (uint Uid, uint Gid)? owner) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"binary://{string.Join('/', program.Split('/').Select(System.Uri.EscapeDataString))}?{Parameter}={System.Uri.EscapeDataString(Told(prefix, start, terminal, owner))}"
        );

    /// <summary>The prefix of the files of a task's logger; null if its output goes elsewhere.</summary>
    internal static string? PrefixOf(string stdout)
    {
        const string Head = $"?{Parameter}=";
        var at =
            stdout.StartsWith("binary://", StringComparison.Ordinal) && stdout.Contains(Program, StringComparison.Ordinal)
                ? stdout.IndexOf(Head, StringComparison.Ordinal)
                : -1;
        return at >= 0 && System.Uri.UnescapeDataString(stdout[(at + Head.Length)..]).Split(':', 4) is [_, _, _, var prefix]
            ? prefix
            : null;
    }

    internal static string RequestsOf(string prefix) => prefix + ".sync";

    /// <summary>Whether the logger of these files is running.</summary>
    internal static bool Runs(string prefix)
    {
        using var requests = Open(prefix);
        return requests is not null;
    }

    /// <summary>The reason for which the logger of these files is not running, if it could report it.</summary>
    internal static CtrRuntimeException Failed(string containerId, string prefix)
    {
        var reason = File.Exists(prefix + ".error") ? File.ReadAllText(prefix + ".error") : "it ended at once";
        return new CtrRuntimeException($"The logger of container '{containerId}' did not start: {reason}.")
        {
            ErrorId = "LoggerFailed",
            Subject = containerId,
        };
    }

    /// <summary>
    /// Waits until all earlier output of a process is in the files. With a terminal the shim passes the output on with a delay, so the exit
    /// of the logger is awaited.
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

    private static SafePipeHandle? Open(string prefix) =>
        OperatingSystem.IsLinux() && File.Exists(RequestsOf(prefix)) ? Libc.TryOpenFifoToWrite(RequestsOf(prefix)) : null;

    private static string Told(string prefix, TaskStart start, bool terminal, (uint Uid, uint Gid)? owner)
    {
        // With a terminal there are no pipes of the task.
        var streams =
            terminal ? "1"
            : owner is var (uid, gid) ? string.Create(CultureInfo.InvariantCulture, $"0@{uid}@{gid}")
            : "0";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{start.LogMaxSize ?? 0}:{start.LogMaxFiles ?? DefaultMaxFiles}:{streams}:{prefix}"
        );
    }

    private static string Platform()
    {
        var libc = RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl" : "linux";
        return $"{libc}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
