using System.Text.Json;

namespace Containerd.Bom;

/// <summary>Writes a module folder's bill of materials (CycloneDX 1.6, JSON): Containerd.Bom NAME VERSION ASSETS FOLDER OUTPUT.</summary>
internal static class Program
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static int Main(string[] args)
    {
        if (args is not [var name, var version, var assets, var folder, var output])
        {
            Console.Error.WriteLine("usage: Containerd.Bom NAME VERSION ASSETS FOLDER OUTPUT");
            return 2;
        }

        try
        {
            var shipped = Directory
                .EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories)
                .ToDictionary(path => Path.GetFileName(path), StringComparer.OrdinalIgnoreCase);
            var packages = Package
                .ReadAll(assets)
                .Select(package => (package, files: package.Assemblies.Where(shipped.ContainsKey).Select(file => shipped[file]).ToList()))
                .Where(item => item.files.Count > 0)
                .ToList();
            // Files that are neither ours nor from a package must not be added unnoticed.
            var unknown = shipped
                .Keys.Where(file =>
                    !file.StartsWith("Containerd.", StringComparison.Ordinal)
                    && !packages.Any(item => item.package.Assemblies.Contains(file, StringComparer.OrdinalIgnoreCase))
                )
                .ToList();
            if (unknown.Count > 0)
                throw new InvalidDataException($"No package has {string.Join(", ", unknown)}.");
            var programs = Directory
                .EnumerateFiles(folder, "containerd-helper*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .ToList();
            File.WriteAllText(output, JsonSerializer.Serialize(Document.Of(name, version, folder, packages, programs), Indented) + "\n");
            return 0;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or JsonException)
        {
            Console.Error.WriteLine("error: " + failure.Message);
            return 1;
        }
    }
}
