using System.Text.RegularExpressions;

namespace Containerd.ModuleFiles;

/// <summary>The module's manifest: its template has empty lists, which are filled in.</summary>
internal static class ManifestText
{
    public const string TypeData = "Containerd.Types.ps1xml";
    public const string PartViews = "Containerd.Part.Format.ps1xml";

    public static string Fill(string template, ModuleAssemblies assemblies, IEnumerable<string> views)
    {
        var text = template.ReplaceLineEndings("\n");
        text = Fill(text, "FormatsToProcess", views.Append(PartViews).Order(StringComparer.Ordinal));
        text = Fill(text, "TypesToProcess", [TypeData]);
        text = Fill(text, "CmdletsToExport", assemblies.Cmdlets);
        return Fill(text, "AliasesToExport", assemblies.Aliases);
    }

    private static string Fill(string text, string key, IEnumerable<string> names)
    {
        var list = new Regex($@"^(?<indent> *){key}( *)= @\(\)$", RegexOptions.Multiline);
        return list.IsMatch(text)
            ? list.Replace(text, match =>
                match.Value[..^1]
                + string.Concat(names.Select(name => $"\n{match.Groups["indent"].Value}    '{name}'"))
                + $"\n{match.Groups["indent"].Value})"
            )
            : throw new InvalidDataException($"The manifest must have the line '{key} = @()', which the build fills in.");
    }
}
