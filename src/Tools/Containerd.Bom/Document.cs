using System.Security.Cryptography;

namespace Containerd.Bom;

/// <summary>
/// The format of the document: https://cyclonedx.org/docs/1.6/json. Without time and serial number, so that the same build writes the same
/// bytes.
/// </summary>
internal static class Document
{
    public static Dictionary<string, object> Of(
        string name,
        string version,
        string folder,
        IReadOnlyList<(Package Package, List<string> Files)> packages,
        IEnumerable<string> programs
    ) =>
        new()
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new Dictionary<string, object>
            {
                ["component"] = new Dictionary<string, object>
                {
                    ["type"] = "library",
                    ["bom-ref"] = name,
                    ["name"] = name,
                    ["version"] = version,
                    ["licenses"] = Licence("MIT", null),
                },
            },
            ["components"] = packages
                .Select(item => Component(item.Package, item.Files, folder))
                .Concat(programs.Select(program => Program(program, version, folder)))
                .ToList(),
            ["dependencies"] = new[]
            {
                new Dictionary<string, object> { ["ref"] = name, ["dependsOn"] = packages.Select(item => Address(item.Package)).ToList() },
            },
        };

    private static Dictionary<string, object> Component(Package package, List<string> files, string folder)
    {
        var component = new Dictionary<string, object>
        {
            ["type"] = "library",
            ["bom-ref"] = Address(package),
            ["name"] = package.Name,
            ["version"] = package.Version,
            ["purl"] = Address(package),
            ["hashes"] = Hash("SHA-512", package.Sha512),
            ["components"] = files.Select(file => Shipped(file, folder)).ToList(),
        };
        if (package.License is not null || package.LicenseUrl is not null)
            component["licenses"] = Licence(package.License, package.LicenseUrl);
        if (package.ProjectUrl is { } project)
            component["externalReferences"] = new[]
            {
                new Dictionary<string, object> { ["type"] = "website", ["url"] = project },
            };
        return component;
    }

    /// <summary>Our own native code, which includes the part of the .NET runtime that it needs.</summary>
    private static Dictionary<string, object> Program(string path, string version, string folder) =>
        new()
        {
            ["type"] = "application",
            ["bom-ref"] = Path.GetRelativePath(folder, path).Replace('\\', '/'),
            ["name"] = Path.GetFileNameWithoutExtension(path),
            ["version"] = version,
            ["description"] =
                $"Compiled ahead of time for {Path.GetFileName(Path.GetDirectoryName(path))}; holds parts of the .NET runtime "
                + "(https://github.com/dotnet/runtime, MIT).",
            ["licenses"] = Licence("MIT", null),
            ["components"] = new[] { Shipped(path, folder) },
        };

    private static Dictionary<string, object> Shipped(string file, string folder) =>
        new()
        {
            ["type"] = "file",
            ["name"] = Path.GetRelativePath(folder, file).Replace('\\', '/'),
            ["hashes"] = Hash("SHA-256", Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))).ToLowerInvariant()),
        };

    private static string Address(Package package) => $"pkg:nuget/{package.Name}@{package.Version}";

    private static Dictionary<string, object>[] Hash(string algorithm, string value) =>
        [new() { ["alg"] = algorithm, ["content"] = value }];

    private static Dictionary<string, object>[] Licence(string? expression, string? address) =>
        expression is not null
            ? [new() { ["expression"] = expression }]
            :
            [
                new()
                {
                    ["license"] = new Dictionary<string, object> { ["name"] = "See the address", ["url"] = address! },
                },
            ];
}
