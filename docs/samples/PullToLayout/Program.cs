// Pulls an image from a registry into a folder, an OCI image layout. There is no daemon, and root is not required:
//   PullToLayout IMAGE FOLDER [PLATFORM...]
using Containerd;
using Containerd.Oci;

if (args.Length < 2)
{
    await Console.Error.WriteLineAsync("usage: PullToLayout IMAGE FOLDER [PLATFORM...]");
    return 2;
}

try
{
    // Credentials come from Docker's configuration, mirrors from /etc/containerd/certs.d.
    var registry = new RegistryClient();
    var manifest = await registry.GetManifestAsync(args[0]);
    Console.WriteLine($"{manifest.Name} is {manifest.MediaType} {manifest.Digest}");
    foreach (var platform in manifest.Platforms)
        Console.WriteLine($"  for {platform}");

    var options = new ImageLayoutOptions { Platforms = args[2..] };
    var image = await registry.PullAsync(args[0], args[1], options, new Progress<ImageProgress>(Show));
    foreach (var digest in image.Manifests)
        Console.WriteLine($"{args[1]} has the manifest {digest}");
    return 0;
}
catch (CtrException e)
{
    await Console.Error.WriteLineAsync($"{e.ErrorId}: {e.Message} {e.Remedy}");
    return 1;
}

static void Show(ImageProgress progress)
{
    if (progress.Done == progress.Total)
        Console.WriteLine($"{progress.Item}: {progress.Total} bytes");
}
