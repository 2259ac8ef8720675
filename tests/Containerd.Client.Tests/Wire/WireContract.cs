using System.Reflection;
using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Wire;

/// <summary>The wire contract as the client carries it: the descriptors inside its generated code.</summary>
internal static class WireContract
{
    public static IReadOnlyList<FileDescriptorProto> Files { get; } =
    [
        .. typeof(Containerd.Client.Wire.Tasks.Tasks)
            .Assembly.GetTypes()
            .Where(type => type.Namespace?.StartsWith("Containerd.Client.Wire.", StringComparison.Ordinal) == true)
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static))
            .Where(property => property?.PropertyType == typeof(FileDescriptor))
            .Select(property => ((FileDescriptor)property!.GetValue(null)!).ToProto())
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    public static FileDescriptorProto File(string name) => Files.Single(file => file.Name == name);
}
