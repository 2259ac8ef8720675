using System.Collections.Concurrent;
using System.ComponentModel;
using System.Text.Json;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Files;
using Containerd.Host.Processes;
using WireRunc = Containerd.Client.Wire.Runc;

namespace Containerd.Client.Daemon;

/// <summary>
/// What the programs that runc's shim runs can do. They report it themselves, on the daemon's host: containerd 1.x cannot.
/// </summary>
internal static class RuntimeFeatures
{
    private const int KilledBySignal = 128;

    private static readonly Version FirstKernel = new(5, 12);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<(string Path, DateTime Written), bool> Known = new();

    /// <summary>Whether a bind mount can be made read-only with the mounts below it (the mount option rro).</summary>
    /// <param name="connection">The session.</param>
    /// <param name="runtime">The runtime of the container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it can; false if it is not known, as for a daemon on another host.</returns>
    internal static async Task<bool> HasRecursiveReadOnlyAsync(
        DaemonConnection connection,
        Wire.Containers.Container.Types.Runtime runtime,
        CancellationToken cancellationToken
    )
    {
        if (
            !OperatingSystem.IsLinux()
            || runtime.Name != RuntimeChoice.Runc
            || HostFacts.Detect().Kernel is not { } kernel
            || kernel < FirstKernel
            || connection.LocalDaemon is not { } daemon
            || await DaemonHost.FindFolderAsync(connection, cancellationToken).ConfigureAwait(false) is null
        )
            return false;
        var name = runtime.Options is { Value.IsEmpty: false } options ? WireRunc.Options.Parser.ParseFrom(options.Value).BinaryName : "";
        if (name.Length == 0)
            name = "runc";
        var found = name.StartsWith('/') ? name : HostProgram.Find(name, string.Join(':', daemon.SearchPath()));
        // The daemon's search path may be that of another user.
        if (found is null || TrustedFolder.TrustedProgram(found) is not { } program || !HostProgram.IsExecutable(program))
            return false;
        var key = (program, File.GetLastWriteTimeUtc(program));
        if (Known.TryGetValue(key, out var known))
            return known;
        if (await AskAsync(program, cancellationToken).ConfigureAwait(false) is not { } has)
            return false;
        Known[key] = has;
        return has;
    }

    /// <returns>Null if the program did not answer; it can answer the next time.</returns>
    private static async Task<bool?> AskAsync(string program, CancellationToken cancellationToken)
    {
        var start = HostProgram.Prepare(program, ["features"]);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            using var process = HostProgram.Start(start);
            process.StandardInput.Close();
            try
            {
                var errors = process.StandardError.ReadToEndAsync(deadline.Token);
                var text = await process.StandardOutput.ReadToEndAsync(deadline.Token).ConfigureAwait(false);
                await errors.ConfigureAwait(false);
                await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
                if (process.ExitCode >= KilledBySignal)
                    return null;
                using var features = JsonDocument.Parse(text);
                return features.RootElement.TryGetProperty("mountOptions", out var known)
                    && known.ValueKind == JsonValueKind.Array
                    && known.EnumerateArray().Any(option => option.ValueKind == JsonValueKind.String && option.GetString() == "rro");
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }
        catch (JsonException)
        {
            // An older one does not have this command.
            return false;
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
