using System.Reflection;
using Containerd.Host;
using Containerd.Oci;

namespace Containerd.Client.Tests.Api;

/// <summary>The libraries that are packages for C#, and what they export.</summary>
internal static class ApiTypes
{
    private static readonly Dictionary<string, Assembly> Assemblies = new[]
    {
        typeof(CtrTask),
        typeof(ProcessIo),
        typeof(RegistryOptions),
        typeof(ContainerdClient),
    }.ToDictionary(type => type.Assembly.GetName().Name!, type => type.Assembly);

    internal static IEnumerable<string> Names => Assemblies.Keys;

    public static TheoryData<string> Libraries => [.. Names];

    internal static Assembly Load(string library) => Assemblies[library];
}
