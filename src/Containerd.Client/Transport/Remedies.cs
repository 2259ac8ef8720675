namespace Containerd.Client.Transport;

/// <summary>What a caller can do about the errors that any call may end in.</summary>
internal static class Remedies
{
    internal static string? NotFound(Resource resource, string? id) =>
        resource switch
        {
            Resource.Container => "Get-CtrContainer lists the containers of this namespace; -Namespace looks in another.",
            Resource.Task => $"Start it with Start-CtrTask {id}.",
            Resource.Image => "Pull it with Receive-CtrImage or import it with Import-CtrImage; Get-CtrImage lists what is there.",
            Resource.Namespace => "Any container or image made in it brings a namespace into being.",
            _ => null,
        };

    internal static string? Exists(Resource resource, string? id) =>
        resource switch
        {
            Resource.Container => $"Choose another id, or remove the old one with Remove-CtrContainer {id}.",
            Resource.Task => $"Remove the old task first: Remove-CtrTask {id} -Force.",
            Resource.Exec => "Choose another -ExecId.",
            _ => null,
        };
}
