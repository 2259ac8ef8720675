using System.Xml.Linq;

namespace Containerd.ModuleFiles;

/// <summary>
/// Writes the files of the module that follow from its assemblies: Containerd.ModuleFiles MODULE MANIFEST FORMATS OUTPUT. MODULE is the
/// assembly of the cmdlets, which lies beside that of the model; MANIFEST is the template of the manifest, and FORMATS the folder of the
/// views that are written by hand.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not [var module, var manifest, var formats, var output])
        {
            Console.Error.WriteLine("usage: Containerd.ModuleFiles MODULE MANIFEST FORMATS OUTPUT");
            return 2;
        }

        try
        {
            using var assemblies = ModuleAssemblies.Open(module);
            var views = Directory.GetFiles(formats, "*.Format.ps1xml");
            Directory.CreateDirectory(output);
            TypeData.Of(assemblies).Save(Path.Combine(output, ManifestText.TypeData));
            var written = views.SelectMany(file => XDocument.Load(file).Descendants("TypeName")).Select(name => name.Value).ToHashSet();
            PartViews
                .Of(assemblies.Model.Where(type => !written.Contains(type.FullName)))
                .Save(Path.Combine(output, ManifestText.PartViews));
            File.WriteAllText(
                Path.Combine(output, Path.GetFileName(manifest)),
                ManifestText.Fill(File.ReadAllText(manifest), assemblies, views.Select(file => Path.GetFileName(file)))
            );
            return 0;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or BadImageFormatException)
        {
            Console.Error.WriteLine("error: " + failure.Message);
            return 1;
        }
    }
}
