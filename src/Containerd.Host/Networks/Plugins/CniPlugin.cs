using System.Collections;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Plugins;

/// <summary>A CNI plugin: a program that gets everything by its environment and its standard input.</summary>
/// <param name="type">The plugin's type, which is the name of its program.</param>
/// <param name="program">The program.</param>
[SupportedOSPlatform("linux")]
internal sealed class CniPlugin(string type, string program)
{
    private const string Prefix = "CNI_";

    /// <summary>The plugin's type.</summary>
    internal string Type => type;

    /// <summary>The program.</summary>
    internal string Program => program;

    /// <summary>Finds a plugin.</summary>
    /// <exception cref="CtrNotFoundException">NetworkPluginMissing.</exception>
    internal static CniPlugin Find(NetworkFolders folders, string type, string network) =>
        TryFind(folders, type)
        ?? throw new CtrNotFoundException(
            $"The network '{network}' requires the CNI plugin '{type}', which is not in {string.Join(", ", folders.Plugins)}."
        )
        {
            ErrorId = ErrorIds.NetworkPluginMissing,
            Subject = type,
            Remedy =
                "Install the CNI plugins: the package containernetworking-plugins of Debian, Ubuntu and Fedora, cni-plugins of others.",
        };

    /// <summary>Finds a plugin; null if it is not installed.</summary>
    internal static CniPlugin? TryFind(NetworkFolders folders, string type) =>
        folders.Plugins.Select(folder => Path.Combine(folder, type)).FirstOrDefault(HostProgram.IsExecutable) is { } found
            ? new CniPlugin(type, found)
            : null;

    /// <summary>Runs the plugin.</summary>
    /// <param name="command">ADD, DEL, VERSION, ….</param>
    /// <param name="environment">The variables of the call, without their prefix.</param>
    /// <param name="configuration">The standard input.</param>
    /// <param name="budget">The time that remains.</param>
    /// <returns>The result; null if the plugin wrote none.</returns>
    /// <exception cref="CniPluginException">It reported an error.</exception>
    internal JsonObject? Run(
        string command,
        IEnumerable<(string Name, string Value)> environment,
        JsonObject configuration,
        TimeBudget budget
    )
    {
        var limit = budget.For(NetworkLimits.Plugin);
        SpawnResult result;
        try
        {
            result = LibcSpawn.Run(
                program,
                [],
                Inherited().Concat(environment.Append((Name: "COMMAND", Value: command)).Select(v => $"{Prefix}{v.Name}={v.Value}")),
                CniJson.Write(configuration),
                limit
            );
        }
        catch (IOException e)
        {
            throw new CniPluginException(type, command, 0, e.Message);
        }

        if (result.TimedOut)
            throw CniPluginException.TimedOut(type, command, limit);
        if (result.ExitCode == 0)
            return CniJson.Read(result.Output);
        var error = CniJson.Read(result.Output);
        throw new CniPluginException(
            type,
            command,
            CniJson.Number(error?["code"]) ?? 0,
            Join(CniJson.Text(error?["msg"]), CniJson.Text(error?["details"]))
                ?? LastLine(result.Error)
                ?? LastLine(result.Output)
                ?? string.Create(CultureInfo.InvariantCulture, $"it ended with exit code {result.ExitCode}")
        );
    }

    private static string? Join(string? message, string? details) =>
        message is not { Length: > 0 } ? null
        : details is { Length: > 0 } ? $"{message}; {details}"
        : message;

    private static string? LastLine(byte[] text) =>
        Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last]
            ? last
            : null;

    private static IEnumerable<string> Inherited()
    {
        var path = false;
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is not { Key: string name, Value: string value } || name.StartsWith(Prefix, StringComparison.Ordinal))
                continue;
            path |= name == "PATH";
            yield return $"{name}={value}";
        }

        // The plugins run iptables.
        if (!path)
            yield return "PATH=" + HostProgram.SearchPath([]);
    }
}
