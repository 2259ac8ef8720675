using System.Text.Json.Nodes;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>The state of a container, which a runtime writes to the standard input of its hooks.</summary>
internal sealed record HookState
{
    /// <summary>The container's id.</summary>
    internal string Id { get; init; } = "";

    /// <summary>The container's first process; 0 after its end.</summary>
    internal int Pid { get; init; }

    /// <summary>The folder of the container's spec.</summary>
    internal string Bundle { get; init; } = "";

    /// <summary>The request for networks; null if the container has none.</summary>
    internal string? Request { get; init; }

    /// <summary>Reads a state.</summary>
    /// <exception cref="CtrDataException">NetworkRequestInvalid.</exception>
    internal static HookState Read(ReadOnlySpan<byte> text)
    {
        var root = CniJson.Read(text) ?? throw RequestChecks.Invalid("the runtime passed no state of the container");
        var bundle = CniJson.Text(root["bundle"]) ?? "";
        return new()
        {
            Id = CniJson.Text(root["id"]) ?? "",
            Pid = CniJson.Number(root["pid"]) ?? 0,
            Bundle = bundle,
            Request = RequestOf(root) ?? RequestOf(SpecOf(bundle)),
        };
    }

    // A runtime may leave out annotations.
    private static JsonObject? SpecOf(string bundle)
    {
        try
        {
            var file = Path.Combine(bundle, "config.json");
            return bundle.StartsWith('/') && File.Exists(file) ? CniJson.Read(File.ReadAllBytes(file)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? RequestOf(JsonObject? root) => CniJson.Text((root?["annotations"] as JsonObject)?[NetworkRequest.Annotation]);
}
