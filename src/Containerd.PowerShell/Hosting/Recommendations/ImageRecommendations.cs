namespace Containerd.PowerShell;

/// <summary>What to do about errors of images.</summary>
internal static class ImageRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.BaseImageNotFound] = _ => "Pull or import the same image again. Export-CtrSnapshot exports only the container's changes.",
        [ErrorIds.DigestAlgorithmNotSupported + ".ByClient"] = _ =>
            "Omit -Method Daemon: the module then compares the digest itself. Or pin the image by its sha256 digest.",
        [ErrorIds.FormatHoldsOnePlatform] = _ =>
            "Choose one with -Platform, or omit -Format Docker: 'docker load' reads an OCI archive too.",
        [ErrorIds.ImageExists] = _ => "Choose another name, or use -Force to overwrite the existing name.",
        [ErrorIds.ImageInUse] = _ =>
            "Remove the containers first, or use -Force: the containers keep their files, but they can no longer be committed or "
            + "used as a template.",
        [ErrorIds.ImageIncomplete] = e =>
            $"{e.Remedy ?? "Pull or import it again."} Test-CtrImage shows what is missing; -Platform selects platforms, and "
            + "-AllPlatforms pulls all.",
        [ErrorIds.ImageNameMissing] = _ => "Give the image a name with -Name.",
        [ErrorIds.ImageNotFound] = _ => "Pull it with Receive-CtrImage, or import it with Import-CtrImage; Get-CtrImage lists the images.",
        [ErrorIds.InvalidImageName + ".ImportWithName"] = _ => "Import it under another name with -Name.",
        [ErrorIds.PlatformNotAvailable + ".OtherPlatform"] = e => $"{e.Remedy} -Platform selects it.",
        [ErrorIds.PlatformNotSupported] = _ => "Choose another platform with -Platform, or use a daemon on that operating system.",
        [ErrorIds.SeveralImages + ".ImportWithoutName"] = _ =>
            "Import it without -Name, and then give an image another name with Set-CtrImage -Tag.",
        [ErrorIds.TransferNotSupported] = _ => "Omit -Method Daemon; containerd 1.7 and later have the service.",
        [ErrorIds.TransferOptionNotSupported] = e =>
            $"Omit -{e.RemedyId}, or omit -Method Daemon: the module then transfers the image. Options for a registry can also be "
            + "set in hosts.toml on the daemon's host.",
    };
}
