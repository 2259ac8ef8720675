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

    /// <summary>Undoes a change: limits that still have its values get their former ones.</summary>
    /// <param name="spec">The spec as it is stored.</param>
    /// <param name="former">The spec before the change.</param>
    /// <param name="change">The change.</param>
    /// <returns>The spec's JSON.</returns>
    internal static string Restore(string spec, string former, CtrSpecResources change)
    {
        var root = JsonNode.Parse(spec)!.AsObject();
        if (root[Linux]?[Resources] is JsonObject resources)
            Restore(resources, JsonNode.Parse(former)?[Linux]?[Resources] as JsonObject, Tree(change));
        return root.ToJsonString(AsWritten);
    }

    private static void Restore(JsonObject target, JsonObject? former, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            var before = former?[name];
            if (value is JsonObject inner && target[name] is JsonObject child)
            {
                Restore(child, before as JsonObject, inner);
                if (child.Count == 0 && before is null)
                    target.Remove(name);
            }
            else if (JsonNode.DeepEquals(target[name], value))
            {
                if (before is null)
                    target.Remove(name);
                else
                    target[name] = before.DeepClone();
            }
        }
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
