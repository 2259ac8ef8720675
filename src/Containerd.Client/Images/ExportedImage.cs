namespace Containerd.Client;

/// <summary>What an archive holds of an image.</summary>
/// <param name="Name">The image's full name.</param>
/// <param name="Platforms">The platforms that are in the archive.</param>
/// <param name="OmittedPlatforms">Those of the image that are not, since their content is not here or others were chosen.</param>
public sealed record ExportedImage(string Name, IReadOnlyList<string> Platforms, IReadOnlyList<string> OmittedPlatforms);
