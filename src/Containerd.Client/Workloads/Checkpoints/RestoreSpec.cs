namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// What a container's spec has to say besides for as long as its restore takes: where CRIU finds the options that it wants again, and who
/// brings up the
/// loopback interface. Nobody else does: a container with a network namespace of its own gets a new one, and connections within it are
/// restored before
/// any process runs.
/// </summary>
internal static class RestoreSpec
{
    // It gets the container's state as JSON, its process id among it; nsenter and ip are the host's.
    private const string RaiseLoopback = """pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p') && nsenter -t "$pid" -n ip link set lo up""";
    private const int HookSeconds = 30;

    /// <summary>The spec of a restore.</summary>
    /// <param name="spec">The container's own.</param>
    /// <param name="manifest">The checkpoint.</param>
    /// <param name="folder">A folder for CRIU's options, which must stay until the task is started.</param>
    /// <param name="trusted">Whether the checkpoint was made with this daemon.</param>
    /// <returns>The other spec; null when its own will do.</returns>
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
}
