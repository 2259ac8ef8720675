using System.Text.Json;
using System.Xml.Linq;

namespace Containerd.Bom;

/// <summary>A NuGet package that the module was built with, as resolved by the restore.</summary>
internal sealed record Package(
    string Name,
    string Version,
    string Sha512,
    string? License,
    string? LicenseUrl,
    string? ProjectUrl,
    IReadOnlyList<string> Assemblies
)
{
    /// <summary>The packages in a project.assets.json.</summary>
    public static IReadOnlyList<Package> ReadAll(string assets)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(assets));
        var root = document.RootElement;
        var stores = root.GetProperty("packageFolders").EnumerateObject().Select(folder => folder.Name).ToList();
        var target = root.GetProperty("targets").EnumerateObject().First().Value;
        var packages = new List<Package>();
        foreach (
            var library in root.GetProperty("libraries")
                .EnumerateObject()
                .Where(library => library.Value.GetProperty("type").GetString() == "package")
        )
        {
            var runtime = target.GetProperty(library.Name).TryGetProperty("runtime", out var files)
                ? files.EnumerateObject().Select(file => Path.GetFileName(file.Name)).ToList()
                : [];
            var (name, version) = (
                library.Name[..library.Name.IndexOf('/', StringComparison.Ordinal)],
                library.Name[(library.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]
            );
            var path = library.Value.GetProperty("path").GetString()!;
            var nuspec = stores.Select(store => Path.Combine(store, path, name.ToLowerInvariant() + ".nuspec")).FirstOrDefault(File.Exists);
            var facts = nuspec is null ? null : XDocument.Load(nuspec).Root?.Elements().FirstOrDefault();
            XElement? Fact(string fact) => facts?.Elements().FirstOrDefault(element => element.Name.LocalName == fact);
            packages.Add(
                new Package(
                    name,
                    version,
                    Convert.ToHexString(Convert.FromBase64String(library.Value.GetProperty("sha512").GetString()!)).ToLowerInvariant(),
                    Fact("license") is { } license && (string?)license.Attribute("type") == "expression" ? license.Value : null,
                    Fact("licenseUrl")?.Value,
                    Fact("projectUrl")?.Value,
                    runtime
                )
            );
        }

        return [.. packages.OrderBy(package => package.Name, StringComparer.Ordinal)];
    }
}
