namespace Containerd.Client.Transport;

/// <summary>Remedies for the errors of all calls.</summary>
internal static class Remedies
{
    internal static string? NotFound(Resource resource) =>
        resource switch
        {
            Resource.Container => "List the containers of this namespace, or use another namespace.",
            Resource.Task => "Start its task first.",
            Resource.Image => "Pull or import the image, or list the images to check the name.",
            Resource.Namespace => "A namespace is created with the first container or image in it.",
            _ => null,
        };

    internal static string? Exists(Resource resource) =>
        resource switch
        {
            Resource.Container => "Choose another id, or remove the old container.",
            Resource.Task => "Remove the old task first.",
            Resource.Exec => "Choose another exec id.",
            _ => null,
        };
}
