namespace Containerd.Client.Tests.Architecture;

/// <summary>
/// The layers of the libraries: the projects, and in each one its folders. A folder may use those before it, and no others.
/// </summary>
internal static class Layers
{
    /// <summary>The folders of each project, from the lowest to the highest. The project's own files, in no folder, come last.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> Folders = new Dictionary<string, string[]>
    {
        ["Containerd.Host"] =
        [
            "Errors",
            "Timing",
            "Native",
            "Mounts",
            "Files",
            "Streams",
            "Rootfs",
            "Processes",
            "Helpers",
            "Networks/Interfaces",
            "Networks/Files",
            "Networks/Requests",
            "Networks/Configuration",
            "Networks/Subnets",
            "Networks/Plugins",
            "Networks/Rules",
            "Networks/Names",
            "Networks/Attachments",
            "Logs",
            "Terminals",
            "Facts",
            "Copies",
            "Volumes",
            "",
        ],
        ["Containerd.Oci"] = ["Archives", "Images", "Registry", "Layouts", ""],
        ["Containerd.Client"] =
        [
            "Transport/Addresses",
            "Transport/Ssh",
            "Transport",
            "PrivateDaemons",
            "Specs",
            "Daemon",
            "Records",
            "Storage",
            "Images",
            "Workloads/Options",
            "Workloads/Stats",
            "Workloads/Events",
            "Workloads/Logs",
            "Workloads/Networks",
            "Workloads/Streams",
            "Workloads/Specs",
            "Workloads/Volumes",
            "Workloads/Tasks",
            "Workloads/Execs",
            "Workloads/Containers",
            "Workloads/Processes",
            "Workloads/Readiness",
            "Workloads/Files",
            "Workloads/Checkpoints",
            "Workloads/Namespaces",
            "Workloads/Cleanup",
            "",
        ],
    };

    /// <summary>What each library may refer to besides the .NET libraries.</summary>
    internal static readonly IReadOnlyDictionary<string, string[]> References = new Dictionary<string, string[]>
    {
        ["Containerd"] = [],
        ["Containerd.Host"] = ["Containerd"],
        ["Containerd.Oci"] = ["Containerd", "Containerd.Host", "Tomlyn", "ZstdSharp"],
        ["Containerd.Client"] =
        [
            "Containerd",
            "Containerd.Host",
            "Containerd.Oci",
            "Google.Api.CommonProtos",
            "Google.Protobuf",
            "Grpc.Core.Api",
            "Grpc.Net.Client",
            "Grpc.Net.Common",
            "ZstdSharp",
        ],
    };
}
