namespace Containerd.Client;

/// <summary>
/// CRIU wants the options that a checkpoint was made with again at its restore, where the shim has no way to pass them on. Runtimes tell CRIU to read a
/// configuration file that an annotation of the spec names; the annotation is there for as long as the start takes.
/// </summary>
internal static class CriuNeeds
{
    internal const string Annotation = "org.criu.config";

    private static readonly string[] Known = ["tcp-established", "ext-unix-sk", "shell-job", "file-locks"];

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

    /// <summary>A configuration file of CRIU's; what a manifest names beside the known options is not passed on.</summary>
    internal static string File(CheckpointManifest manifest) => string.Concat(manifest.Needs.Intersect(Known, StringComparer.Ordinal).Select(n => n + "\n"));

    /// <summary>The spec with the annotation.</summary>
    internal static string Annotate(string spec, string file)
    {
        var annotated = CtrSpec.Parse(spec);
        annotated.Annotations ??= [];
        annotated.Annotations[Annotation] = file;
        return annotated.ToJson(indented: false);
    }
}
