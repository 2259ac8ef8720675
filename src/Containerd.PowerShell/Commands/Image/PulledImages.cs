namespace Containerd.PowerShell;

/// <summary>The verbose text about images that were pulled, written on the pipeline's thread.</summary>
/// <param name="cmdlet">The cmdlet that writes it.</param>
/// <param name="post">Runs an action on the pipeline's thread.</param>
internal sealed class PulledImages(CtrCmdlet cmdlet, Action<Action> post) : IProgress<CtrImage>
{
    public void Report(CtrImage value) => post(() => cmdlet.WriteVerbose(Describe(value)));

    /// <summary>The message about a pulled image.</summary>
    internal static string Describe(CtrImage image) =>
        $"Pulled {image.Name} into namespace {image.Namespace}: {image.Digest}, "
        + $"{(image.Size is { } size ? $"{new CtrSize(size)}, " : "")}{string.Join(", ", image.Platforms)}.";
}
