using System.Reflection;

namespace Containerd.Client.Tests;

/// <summary>Folders that the build knew, for tests that read the repository or run a tool of a package.</summary>
internal static class BuildPaths
{
    public static string RepositoryRoot => Read("RepositoryRoot");

    public static string GrpcTools => Read("GrpcTools");

    private static string Read(string key) =>
        typeof(BuildPaths).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
