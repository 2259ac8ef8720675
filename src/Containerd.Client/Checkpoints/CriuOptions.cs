namespace Containerd.Client;

/// <summary>
/// CRIU wants the options that a checkpoint was made with again at its restore, where the shim has no way to pass them on. Runtimes tell CRIU to read a
/// configuration file that an annotation of the spec names.
/// </summary>
internal static class CriuOptions
{
    private const string Annotation = "org.criu.config";

    /// <summary>What runc names to CRIU where there is no annotation.</summary>
    private const string HostsOwn = "/etc/criu/runc.conf";

    private static readonly string[] Known = ["tcp-established", "ext-unix-sk", "shell-job", "file-locks"];

    /// <summary>The options of a checkpoint, by CRIU's own names.</summary>
    internal static IEnumerable<string> Of(CheckpointCreation creation)
    {
        if (creation.OpenTcp)
            yield return "tcp-established";
        if (creation.ExternalUnixSockets)
            yield return "ext-unix-sk";
        if (creation.Terminal)
            yield return "shell-job";
        if (creation.FileLocks)
            yield return "file-locks";
    }

    /// <summary>
    /// Annotations with a file of these options, and of those that the container's own file, or the host's, has. What a manifest names beside the known
    /// options is not passed on.
    /// </summary>
    internal static CtrMap Annotate(CtrMap? annotations, CheckpointManifest manifest, string folder)
    {
        annotations ??= [];
        var own = annotations.TryGetValue(Annotation, out var named) ? named : HostsOwn;
        var lines = manifest.Needs.Intersect(Known, StringComparer.Ordinal);
        if (File.Exists(own))
            lines = lines.Concat(File.ReadLines(own));
        var file = Path.Combine(folder, "criu.conf");
        CheckpointFolder.Write(file, System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));
        annotations[Annotation] = file;
        return annotations;
    }
}
