using System.Runtime.InteropServices;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>The compiler of the SDK, for sources that no project contains.</summary>
internal static class ScaffoldCompiler
{
    // Those that the SDK adds to each project.
    private const string GlobalUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly string[] Loaded = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);

    private static string Dotnet => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    /// <summary>The file of an assembly that this process can load.</summary>
    internal static string Assembly(string name) => Loaded.Single(path => Path.GetFileNameWithoutExtension(path) == name);

    /// <summary>Compiles a library with its documentation, without warnings of the compiler.</summary>
    /// <param name="output">The file of the library.</param>
    /// <param name="sources">The source files.</param>
    internal static async Task CompileAsync(string output, params IEnumerable<string> sources)
    {
        var usings = Path.ChangeExtension(output, ".usings.cs");
        await File.WriteAllTextAsync(usings, GlobalUsings);
        var arguments = Path.ChangeExtension(output, ".rsp");
        await File.WriteAllLinesAsync(
            arguments,
            [
                "-nologo -target:library -langversion:latest -nullable:enable -unsafe -warnaserror",
                // As in the projects: public tests need no comments, and versions of the same assembly may differ.
                "-nowarn:CS1591,CS1573,CS1701,CS1702",
                $"-out:\"{output}\"",
                $"-doc:\"{Path.ChangeExtension(output, ".xml")}\"",
                .. Loaded.Where(path => Path.GetFileName(path) != Path.GetFileName(output)).Select(path => $"-reference:\"{path}\""),
                .. Find("packs/Microsoft.NETCore.App.Ref", "System.Text.RegularExpressions.Generator.dll")
                    .Select(generator => $"-analyzer:\"{generator}\""),
                .. sources.Append(usings).Select(source => $"\"{source}\""),
            ]
        );
        await Shell.RunAsync("dotnet", "exec", Find("sdk", "csc.dll").Single(), "-noconfig", $"@{arguments}");
    }

    // The newest version, if several are installed.
    private static IEnumerable<string> Find(string folder, string file) =>
        Directory
            .EnumerateDirectories(Path.Combine(Dotnet, folder), $"{Environment.Version.Major}.*")
            .OrderBy(version => version, StringComparer.Ordinal)
            .SelectMany(version => Directory.EnumerateFiles(version, file, SearchOption.AllDirectories))
            .TakeLast(1);
}
