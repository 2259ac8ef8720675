using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Containerd.Client;

/// <summary>A program that keeps logins for Docker: <c>docker-credential-NAME get</c>, the host on its input, JSON on its output.</summary>
internal static class CredentialHelper
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    // The one refusal that is none; the protocol has no code for it.
    private const string NotFound = "credentials not found in native keychain";

    /// <summary>Asks a helper for a host's login.</summary>
    /// <returns>The login; null when the helper has none.</returns>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static async Task<RegistryCredential?> GetAsync(string helper, string key, CancellationToken cancellationToken)
    {
        var program = "docker-credential-" + helper;
        if (helper.AsSpan().ContainsAny('/', '\\', '\0')) throw Failed(program, "its name holds a path");
        using var process = Start(program);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await WriteAsync(process, key);
            await process.WaitForExitAsync(deadline.Token);
            var said = (await output).Trim();
            if (process.ExitCode == 0) return Read(program, said);
            if (said.Contains(NotFound, StringComparison.OrdinalIgnoreCase)) return null;
            throw Failed(program, said.Length > 0 ? said : (await error).Trim() is { Length: > 0 } text ? text : $"it ended with {process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(program, $"it did not answer within {new CtrDuration(Deadline)}");
        }
    }

    private static Process Start(string program)
    {
        var path = HostProgram.Find(program) ?? throw Failed(program, "there is no such program in the search path");
        try
        {
            var start = HostProgram.Prepare(path, ["get"]);
            start.CreateNoWindow = true;
            start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
            return HostProgram.Start(start);
        }
        catch (Win32Exception e)
        {
            throw Failed(program, e.Message, e);
        }
    }

    private static async Task WriteAsync(Process process, string key)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(key);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading; what it said counts.
        }
    }

    private static RegistryCredential? Read(string program, string said)
    {
        try
        {
            using var json = JsonDocument.Parse(said);
            var user = json.RootElement.GetProperty("Username").GetString() ?? "";
            var secret = json.RootElement.GetProperty("Secret").GetString() ?? "";
            return secret.Length > 0 ? RegistryCredential.Of(user, secret) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Failed(program, "its answer is not JSON with Username and Secret", e);
        }
    }

    private static CtrException Failed(string program, string why, Exception? cause = null) =>
        new($"The credential helper '{program}', which Docker's configuration names, failed: {why.TrimEnd('.')}.", cause)
        {
            ErrorId = "CredentialHelperFailed",
            Subject = program,
            Remedy = "Run it by hand to see why, or give -Credential.",
        };
}
