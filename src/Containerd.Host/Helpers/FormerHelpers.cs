using System.Globalization;
using System.Runtime.Versioning;

namespace Containerd.Host.Helpers;

/// <summary>
/// The programs of earlier versions in the folder of the helper program: <c>containerd-logger-HASH</c> until version 0.3.0, and helpers
/// with an earlier contract. Log URIs of tasks can name them, so each is kept as long as it is used.
/// </summary>
/// <param name="folder">The folder.</param>
[SupportedOSPlatform("linux")]
internal sealed class FormerHelpers(string folder)
{
    /// <summary>The names of the programs.</summary>
    internal IReadOnlyList<string> Names =>
        Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(IsFormer).Order(StringComparer.Ordinal)]
            : [];

    /// <summary>Removes the programs that are not used.</summary>
    /// <param name="isNamed">Whether a task or a container names a program; a process that runs it keeps it too.</param>
    internal void Remove(Func<string, bool> isNamed)
    {
        using var held = HelperLock.Take(folder);
        var running = Running();
        foreach (var name in Names.Where(name => !isNamed(name)))
        {
            var path = Path.Combine(folder, name);
            if (!running.Contains(path))
                File.Delete(path);
        }
    }

    private static bool IsFormer(string name) =>
        name.StartsWith(HelperContract.FormerProgram + "-", StringComparison.Ordinal)
        || (
            name.StartsWith(HelperContract.Program + "-", StringComparison.Ordinal)
            && int.TryParse(
                name.AsSpan(HelperContract.Program.Length + 1),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var contract
            )
            && contract < HelperContract.Number
        );

    /// <summary>The programs of the processes on this machine that are visible to this user.</summary>
    private static HashSet<string> Running()
    {
        var programs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])))
        {
            try
            {
                if (File.ResolveLinkTarget(Path.Combine(process, "exe"), returnFinalTarget: false) is { } program)
                    programs.Add(program.FullName);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has exited, it is a thread of the kernel, or it belongs to another user.
            }
        }

        return programs;
    }
}
