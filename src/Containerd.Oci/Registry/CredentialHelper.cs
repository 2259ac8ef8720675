using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Containerd.Host.Processes;

namespace Containerd.Oci.Registry;

/// <summary>
/// A program that stores credentials for Docker: <c>docker-credential-NAME get</c>, <c>store</c>, <c>erase</c> or <c>list</c>; the host or
/// JSON on its input, JSON on its output.
/// </summary>
internal static class CredentialHelper
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    // This failure only means that there are no credentials; the protocol has no code for it.
    private const string NotFound = "credentials not found in native keychain";

    /// <summary>Reads the credentials for a host from a helper.</summary>
    /// <returns>The credentials; null if the helper has none.</returns>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static async Task<RegistryCredential?> GetAsync(string helper, string key, CancellationToken cancellationToken) =>
        await RunAsync(helper, "get", key, cancellationToken).ConfigureAwait(false) is { } said ? Read(ProgramOf(helper), said) : null;

    /// <summary>Stores credentials with a helper.</summary>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static Task StoreAsync(string helper, string key, RegistryCredential credential, CancellationToken cancellationToken)
    {
        var login = new Dictionary<string, string>
        {
            ["ServerURL"] = key,
            ["Username"] = credential.User,
            ["Secret"] = credential.Secret,
        };
        return RunAsync(helper, "store", JsonSerializer.Serialize(login), cancellationToken);
    }

    /// <summary>Removes credentials from a helper.</summary>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static Task EraseAsync(string helper, string key, CancellationToken cancellationToken) =>
        RunAsync(helper, "erase", key, cancellationToken);

    /// <summary>Lists the keys of all credentials of a helper, each with its user.</summary>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ListAsync(string helper, CancellationToken cancellationToken)
    {
        var said = await RunAsync(helper, "list", "", cancellationToken).ConfigureAwait(false) is { Length: > 0 } text ? text : "{}";
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(said) ?? [];
        }
        catch (JsonException e)
        {
            throw Failed(ProgramOf(helper), "its list is not a JSON object of user names", e);
        }
    }

    /// <summary>The program name of a helper.</summary>
    public static string ProgramOf(string helper) => "docker-credential-" + helper;

    /// <summary>Runs a helper.</summary>
    /// <returns>Its output; null if it does not know the key.</returns>
    private static async Task<string?> RunAsync(string helper, string action, string input, CancellationToken cancellationToken)
    {
        var program = ProgramOf(helper);
        if (helper.AsSpan().ContainsAny('/', '\\', '\0'))
            throw Failed(program, "its name holds a path");
        using var process = Start(program, action);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await WriteAsync(process, input).ConfigureAwait(false);
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            var said = (await output.ConfigureAwait(false)).Trim();
            if (process.ExitCode == 0)
                return said;
            if (said.Contains(NotFound, StringComparison.OrdinalIgnoreCase))
                return null;
            throw Failed(
                program,
                said.Length > 0 ? said
                    : (await error.ConfigureAwait(false)).Trim() is { Length: > 0 } text ? text
                    : $"it exited with {process.ExitCode}"
            );
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(program, $"it did not answer within {new CtrDuration(Deadline)}");
        }
    }

    private static Process Start(string program, string action)
    {
        var path = HostProgram.Find(program) ?? throw Failed(program, "the program does not exist in PATH");
        try
        {
            var start = HostProgram.Prepare(path, [action]);
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
            await process.StandardInput.WriteLineAsync(key).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It exited without reading its input; its output is used.
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
            ErrorId = ErrorIds.CredentialHelperFailed,
            Subject = program,
            Remedy = "Run the helper by hand to see why, or provide the credentials directly.",
        };
}
