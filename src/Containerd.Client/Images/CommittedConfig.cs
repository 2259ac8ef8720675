using System.Globalization;
using System.Text.Json.Nodes;
using Containerd.Client.Workloads.Stats;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>The config of an image that is created from a container: the fields of the base image's config, with changes.</summary>
internal static class CommittedConfig
{
    /// <summary>Makes it.</summary>
    /// <param name="config">The base image's config, which is modified.</param>
    /// <param name="commit">The changes.</param>
    /// <param name="diffId">The digest of the uncompressed new layer.</param>
    /// <param name="createdBy">The command of the container.</param>
    /// <param name="time">The creation time.</param>
    public static void Change(JsonObject config, ImageCommitOptions commit, string diffId, string createdBy, DateTime time)
    {
        var created = time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        config["created"] = created;
        if (commit.Author is not null)
            config["author"] = commit.Author;
        // Data that Docker's builder keeps about the base's own container does not apply to this one.
        config.Remove("container");
        config.Remove("container_config");
        ChangeSettings(Child(config, "config"), commit);

        var diffIds = List(Child(config, "rootfs"), "diff_ids");
        Child(config, "rootfs")["type"] = "layers";
        var history = List(config, "history");
        // Each layer needs a step, otherwise readers that match them by number would assign the new one to another layer.
        for (var steps = history.Count(s => (s as JsonObject)?["empty_layer"]?.GetValue<bool>() != true); steps < diffIds.Count; steps++)
            history.Add(new JsonObject());
        diffIds.Add(diffId);
        var step = new JsonObject { ["created"] = created };
        if (createdBy.Length > 0)
            step["created_by"] = createdBy;
        if (commit.Author is not null)
            step["author"] = commit.Author;
        if (commit.Message is not null)
            step["comment"] = commit.Message;
        history.Add(step);
    }

    private static void ChangeSettings(JsonObject settings, ImageCommitOptions commit)
    {
        if (commit.Entrypoint is not null)
        {
            settings["Entrypoint"] = Words(commit.Entrypoint is [""] ? [] : commit.Entrypoint);
            // The base image's command was for its own entrypoint.
            settings["Cmd"] = null;
        }

        if (commit.Command is not null)
            settings["Cmd"] = Words(commit.Command);
        if (commit.Env.Count > 0)
        {
            var env = (settings["Env"] as JsonArray)?.Select(e => (string?)e ?? "").ToList() ?? [];
            settings["Env"] = Words(SpecBuilder.MergeEnvironment(SpecBuilder.Named(env), commit.Env));
        }

        foreach (var (key, value) in commit.Labels)
        {
            if (value is null)
                (settings["Labels"] as JsonObject)?.Remove(key);
            else
                Child(settings, "Labels")[key] = value;
        }

        foreach (var port in commit.ExposedPorts)
            Child(settings, "ExposedPorts")[port] = new JsonObject();
        if (commit.User is not null)
            settings["User"] = commit.User;
        if (commit.WorkingDirectory is not null)
            settings["WorkingDir"] = commit.WorkingDirectory;
        if (commit.StopSignal is not null)
            settings["StopSignal"] = commit.StopSignal;
    }

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(w => (JsonNode?)JsonValue.Create(w))]);

    private static JsonObject Child(JsonObject json, string name)
    {
        if (OciJson.Property(json, name) is not JsonObject child)
            json[name] = child = [];
        return child;
    }

    private static JsonArray List(JsonObject json, string name)
    {
        if (OciJson.Property(json, name) is not JsonArray list)
            json[name] = list = [];
        return list;
    }
}
