using System.Runtime.InteropServices;

namespace Containerd.Host.Helpers;

/// <summary>The helper program that comes with a library.</summary>
internal static class HelperProgram
{
    /// <summary>The version of this build, which the program that comes with it has too.</summary>
    internal static Version BuildVersion { get; } = typeof(HelperProgram).Assembly.GetName().Version!;

    /// <summary>The platform that a program must be built for, as in <c>linux-x64</c>.</summary>
    internal static string Platform { get; } =
        (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl-" : "linux-")
        + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>Finds the program for this platform.</summary>
    /// <param name="library">The folder of the library that it comes with.</param>
    /// <exception cref="CtrNotSupportedException">This build does not include it (HelperMissing).</exception>
    internal static string Find(string library)
    {
        // In the module's folder; beside a program that uses the client library's package; and the path if such a program is built for one
        // platform.
        string[] candidates =
        [
            Path.Combine(library, Platform, HelperContract.Program),
            Path.Combine(library, "runtimes", Platform, "native", HelperContract.Program),
            Path.Combine(library, HelperContract.Program),
        ];
        return candidates.FirstOrDefault(File.Exists) ?? throw Missing(Platform);
    }

    internal static CtrNotSupportedException Missing(string platform) =>
        new($"This build does not include the helper program for {platform}.")
        {
            ErrorId = ErrorIds.HelperMissing,
            Remedy = "Build on such a machine, with gcc or clang. Without the program, logs are plain, and containers have no networks.",
        };

    /// <summary>Whether two files have the same content.</summary>
    internal static bool AreEqual(string first, string second) =>
        new FileInfo(first).Length == new FileInfo(second).Length
        && File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second));
}
