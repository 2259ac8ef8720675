namespace Containerd.Client;

/// <summary>The part of an image in an archive.</summary>
/// <param name="Name">The full name of the image.</param>
/// <param name="Platforms">The platforms in the archive.</param>
/// <param name="OmittedPlatforms">
/// The other platforms of the image, whose content does not exist locally or which were not selected.
/// </param>
public sealed record ExportedImage(string Name, IReadOnlyList<string> Platforms, IReadOnlyList<string> OmittedPlatforms);
