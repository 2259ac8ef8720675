namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// Temporary additions to a container's spec for its restore: the options that CRIU requires again, and a hook that brings up the loopback
/// interface. A container with its own network namespace gets a new one, and connections within it are restored before any process runs.
/// </summary>
internal static class RestoreSpec
{
    // It gets the state of the container as JSON, including its process id; nsenter and ip are those of the host.
    private const string RaiseLoopback = """pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p') && nsenter -t "$pid" -n ip link set lo up""";
    private const int HookSeconds = 30;

    /// <summary>The spec for a restore.</summary>
    /// <param name="spec">The spec of the container.</param>
    /// <param name="manifest">The checkpoint.</param>
    /// <param name="folder">A folder for CRIU's options, which must exist until the task is started.</param>
    /// <param name="trusted">Whether the checkpoint was created with this daemon.</param>
    /// <returns>The changed spec; null if no change is needed.</returns>
    internal static string? Of(string spec, CheckpointManifest manifest, string folder, bool trusted)
    {
        var changed = CtrSpec.Parse(spec);
        var hasOwnNetwork = changed.Linux?.Namespaces?.Any(n => n.Type == "network" && string.IsNullOrEmpty(n.Path)) == true;
        if (!hasOwnNetwork && manifest.Needs.Length == 0)
            return null;
        if (hasOwnNetwork)
        {
            changed.Hooks ??= new CtrSpecHooks();
            changed.Hooks.CreateRuntime =
            [
                new CtrSpecHook
                {
                    Path = "/bin/sh",
                    Args = ["sh", "-c", RaiseLoopback],
                    Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                    Timeout = HookSeconds,
                },
                .. changed.Hooks.CreateRuntime ?? [],
            ];
        }

        if (manifest.Needs.Length > 0)
            changed.Annotations = CriuOptions.Annotate(changed.Annotations, manifest, folder, trusted);
        return changed.ToJson(indented: false);
    }

    /// <summary>Removes the additions from a spec that another client has changed meanwhile.</summary>
    /// <param name="spec">The spec as it is stored.</param>
    /// <param name="former">The spec before the additions.</param>
    internal static string Without(string spec, string former)
    {
        var (changed, original) = (CtrSpec.Parse(spec), CtrSpec.Parse(former));
        if (changed.Hooks?.CreateRuntime is { } hooks)
            changed.Hooks.CreateRuntime = [.. hooks.Where(h => h.Args?.Contains(RaiseLoopback) != true)];
        changed.Annotations?.Remove(CriuOptions.Annotation);
        if (original.Annotations?.TryGetValue(CriuOptions.Annotation, out var own) == true)
            (changed.Annotations ??= [])[CriuOptions.Annotation] = own!;
        return changed.ToJson(indented: false);
    }
}
