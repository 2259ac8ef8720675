using System.Runtime.InteropServices;
using System.Text;
using Containerd.Host.Helpers;
using Containerd.Testing;

namespace Containerd.Client.Tests.Helpers;

/// <summary>A folder for a helper program, and programs to install there.</summary>
internal sealed class HelperFolder : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _root = Directory.CreateTempSubdirectory("containerd-helper-").FullName;

    /// <summary>The program that the module includes for this machine.</summary>
    internal static string Built { get; } =
        Path.Combine(
            Repository.Module,
            "lib",
            $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}",
            "containerd-helper"
        );

    internal string Folder => Path.Combine(_root, "bin");

    internal HelperInstaller Installer => new(_root, Folder);

    /// <summary>The names of the files in the folder.</summary>
    internal string[] Names => [.. Directory.GetFiles(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>A program that answers as a build of a version.</summary>
    internal string Fake(string version, DateTime? builtAt = null) =>
        Script($"echo {HelperContract.Program} {HelperContract.Number} {version}", builtAt);

    /// <summary>A shell script.</summary>
    internal string Script(string commands, DateTime? builtAt = null)
    {
        var path = Path.Combine(_root, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, $"#!/bin/sh\n{commands}\n");
        File.SetUnixFileMode(path, Executable);
        File.SetLastWriteTimeUtc(path, builtAt ?? DateTime.UtcNow);
        return path;
    }

    /// <summary>A copy of the module's program with other bytes in one place.</summary>
    internal string Patched(string from, string to)
    {
        var bytes = File.ReadAllBytes(Built);
        var at = bytes.AsSpan().IndexOf(Encoding.Latin1.GetBytes(from));
        Assert.True(at >= 0 && from.Length == to.Length);
        return PatchedAt(at, Encoding.Latin1.GetBytes(to));
    }

    /// <summary>A copy of the module's program with other bytes at an offset.</summary>
    internal string PatchedAt(int at, params byte[] change)
    {
        var bytes = File.ReadAllBytes(Built);
        change.CopyTo(bytes, at);
        var path = Path.Combine(_root, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
