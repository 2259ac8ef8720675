using System.Text.Json;
using System.Text.Json.Nodes;

namespace Containerd.Client.Specs;

/// <summary>Merges changed limits into those of a spec: objects field by field, everything else as a whole.</summary>
internal static class ResourceMerge
{
    private const string Linux = "linux";
    private const string Resources = "resources";

    private static readonly JsonSerializerOptions AsWritten = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <returns>The spec's JSON with the change; null for a text that is not a spec.</returns>
    internal static string? Merge(string spec, CtrSpecResources change)
    {
        try
        {
            if (JsonNode.Parse(spec) is not JsonObject root)
                return null;
            Lay(Child(Child(root, Linux), Resources), Tree(change));
            return root.ToJsonString(AsWritten);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>The spec's JSON with the limits of a former one.</returns>
    internal static string Restore(string spec, string former)
    {
        var root = JsonNode.Parse(spec)!.AsObject();
        var linux = Child(root, Linux);
        linux.Remove(Resources);
        if (JsonNode.Parse(former)?[Linux]?[Resources] is { } resources)
            linux[Resources] = resources.DeepClone();
        return root.ToJsonString(AsWritten);
    }

    internal static CtrSpecResources Merge(CtrSpecResources resources, CtrSpecResources over)
    {
        var both = Tree(resources);
        Lay(both, Tree(over));
        return CtrSpecResources.Parse(both.ToJsonString());
    }

    /// <summary>The previous values of changed limits: the change that undoes it, as far as they were set.</summary>
    internal static CtrSpecResources? Before(CtrSpecResources? old, CtrSpecResources change) =>
        old is not null && Common(Tree(old), Tree(change)) is { Count: > 0 } common ? CtrSpecResources.Parse(common.ToJsonString()) : null;

    private static JsonObject Tree(CtrSpecResources resources) => JsonNode.Parse(resources.ToJson(indented: false))!.AsObject();

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject child)
            return child;
        var made = new JsonObject();
        parent[name] = made;
        return made;
    }

    private static void Lay(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is JsonObject inner)
                Lay(Child(target, name), inner);
            else
                target[name] = value?.DeepClone();
        }
    }

    private static JsonObject Common(JsonObject old, JsonObject change)
    {
        var common = new JsonObject();
        foreach (var (name, value) in change)
        {
            if (old[name] is not JsonNode was)
                continue;
            if (was is JsonObject oldInner && value is JsonObject inner)
            {
                if (Common(oldInner, inner) is { Count: > 0 } both)
                    common[name] = both;
            }
            else
            {
                common[name] = was.DeepClone();
            }
        }

        return common;
    }
}
