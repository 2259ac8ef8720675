namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// CRIU requires the options of a checkpoint again for its restore, but the shim cannot pass them on. Runtimes make CRIU read a
/// configuration file that an annotation of the spec specifies.
/// </summary>
internal static class CriuOptions
{
    internal const string Annotation = "org.criu.config";

    /// <summary>The folder of the host's configuration of CRIU.</summary>
    private const string HostFolder = "/etc/criu";

    /// <summary>The file that runc passes to CRIU without an annotation.</summary>
    private const string HostFile = "runc.conf";

    /// <summary>Longer than any configuration: a longer file is not one.</summary>
    private const int MostBytes = 64 * 1024;

    private static readonly string[] Known = ["tcp-established", "ext-unix-sk", "shell-job", "file-locks"];

    /// <summary>The options of a checkpoint, by CRIU's own names.</summary>
    internal static IEnumerable<string> Of(CheckpointCreateOptions creation)
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
    /// Annotations with a file that contains these options, and those of the container's own file or the host's. Unknown options of a
    /// manifest are not passed on. An untrusted checkpoint may specify any file of the host: its annotations are used only if they specify
    /// the host's configuration of CRIU.
    /// </summary>
    /// <param name="annotations">The annotations of the spec; null for none.</param>
    /// <param name="manifest">The checkpoint.</param>
    /// <param name="folder">The folder for the new file.</param>
    /// <param name="trusted">Whether the checkpoint was created with this daemon, so that its container may specify any file.</param>
    /// <param name="hostFolder">The folder of the host's configuration of CRIU.</param>
    /// <exception cref="CtrArgumentException">
    /// The annotation specifies a file in another folder, or one that is not a configuration (CriuConfigNotAllowed).
    /// </exception>
    internal static CtrMap Annotate(
        CtrMap? annotations,
        CheckpointManifest manifest,
        string folder,
        bool trusted,
        string hostFolder = HostFolder
    )
    {
        annotations ??= [];
        var own = annotations.TryGetValue(Annotation, out var named) ? named : Path.Combine(hostFolder, HostFile);
        var lines = manifest.Needs.Intersect(Known, StringComparer.Ordinal).Concat(Read(own, trusted, hostFolder));
        var file = Path.Combine(folder, "criu.conf");
        CheckpointFolder.Write(file, System.Text.Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));
        annotations[Annotation] = file;
        return annotations;
    }

    private static string[] Read(string file, bool trusted, string hostFolder)
    {
        if (!trusted && (!Path.IsPathRooted(file) || Path.GetFullPath(file) != file || Path.GetDirectoryName(file) != hostFolder))
            throw Refusal(file, hostFolder, "the checkpoint was not created with this daemon");
        if (!File.Exists(file))
            return [];
        return new FileInfo(file).Length <= MostBytes
            ? File.ReadAllLines(file)
            : throw Refusal(file, hostFolder, $"it is larger than {MostBytes >> 10} KiB");
    }

    private static CtrArgumentException Refusal(string file, string hostFolder, string why) =>
        new($"The container's annotation {Annotation} names the file '{file}', which is not read as a configuration of CRIU: {why}.")
        {
            ErrorId = ErrorIds.CriuConfigNotAllowed,
            Subject = file,
            Remedy = $"Put the configuration into {hostFolder}, or remove the annotation from the container's spec.",
        };
}
