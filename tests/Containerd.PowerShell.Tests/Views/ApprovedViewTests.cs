using System.Text;
using System.Xml.Linq;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>
/// What each type shows at 80 and at 100 columns, as text in the folder Approved: so a change of a view is seen in the diff. Set
/// CONTAINERD_APPROVE to write the files again.
/// </summary>
public sealed class ApprovedViewTests : IDisposable
{
    private readonly Dictionary<int, Engine> _engines = new() { [80] = new Engine(80), [100] = new Engine(100) };

    private static string Folder => Path.Combine(Repository.Root, "tests", "Containerd.PowerShell.Tests", "Views", "Approved");

    /// <summary>The types that have a table and are not only parts of others.</summary>
    private static IEnumerable<(string Type, string[] Headers)> Tables =>
        from file in Directory.GetFiles(Repository.Module, "*.Format.ps1xml")
        where !file.EndsWith("Part.Format.ps1xml", StringComparison.Ordinal)
        from view in XDocument.Load(file).Descendants("View")
        where view.Element("TableControl") is not null
        from type in view.Element("ViewSelectedBy")!.Elements("TypeName")
        where type.Value.StartsWith("Containerd.", StringComparison.Ordinal)
        select (type.Value["Containerd.".Length..], view.Descendants("TableColumnHeader").Select(h => h.Element("Label")!.Value).ToArray());

    public void Dispose()
    {
        foreach (var engine in _engines.Values)
            engine.Dispose();
    }

    [Fact]
    public async Task Every_table_is_shown_at_80_and_at_100_columns_as_approved()
    {
        var shown = new SortedDictionary<string, StringBuilder>(StringComparer.Ordinal);
        foreach (var (type, headers) in Tables.OrderBy(t => t.Type, StringComparer.Ordinal))
        {
            var file = type.Replace("#", "", StringComparison.Ordinal);
            if (!shown.TryGetValue(file, out var text))
                shown.Add(file, text = new StringBuilder());
            foreach (var (width, engine) in _engines)
            {
                var table = Show(engine, type);
                var lines = table.Split('\n');
                // No column is dropped, and each heading has one line. A tree is drawn unless Format-Table is asked for.
                if (type != "CtrTree")
                    Assert.All(headers, header =>
                        Assert.True(
                            lines[0].Contains(header, StringComparison.Ordinal),
                            $"{type} at {width} columns has no {header}:\n{table}"
                        )
                    );
                Assert.All(lines, line => Assert.True(line.Length < width, $"{type} is wider than {width} columns:\n{table}"));
                text.Append(type).Append(" at ").Append(width).Append(" columns\n\n").Append(table).Append("\n\n");
            }
        }

        var changed = new List<string>();
        foreach (var (name, text) in shown)
        {
            var path = Path.Combine(Folder, name + ".txt");
            var now = text.ToString().TrimEnd('\n') + "\n";
            if (Environment.GetEnvironmentVariable("CONTAINERD_APPROVE") is { Length: > 0 })
                await File.WriteAllTextAsync(path, now);
            else if (!File.Exists(path) || (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n") != now)
                changed.Add($"{name}.txt should be:\n{now}");
        }

        Assert.Empty(changed);
        Assert.Equal(
            shown.Keys,
            Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Tables_are_the_same_in_every_culture()
    {
        const string Culture =
            "$culture = [cultureinfo]::InvariantCulture.Clone(); $culture.DateTimeFormat.TimeSeparator = '.'; $culture.DateTimeFormat.DateSeparator = '/'; $culture.NumberFormat.NumberDecimalSeparator = ','; $culture.NumberFormat.NegativeSign = '~'; [cultureinfo]::CurrentCulture = $culture";
        Assert.Contains(
            "13.04.05",
            _engines[100].Display($"{Culture}; ([datetime]'2026-11-22T13:04:05').ToString('HH:mm:ss')"),
            StringComparison.Ordinal
        );
        foreach (var type in ViewSamples.Scripts.Keys)
            Assert.Equal(_engines[100].Display(Made(type)), _engines[100].Display($"{Culture}; {Made(type)}"));
    }

    [Fact]
    public void Views_show_times_in_one_format()
    {
        // A time that a view shows as a property has the culture's format.
        var model = typeof(CtrTask).Assembly;
        var flaws =
            from file in Directory.GetFiles(Repository.Module, "*.Format.ps1xml")
            from view in XDocument.Load(file).Descendants("View")
            from type in view.Element("ViewSelectedBy")!
                .Elements("TypeName")
                .Select(name => model.GetType(name.Value.Split('#')[0]))
                .Where(t => t is not null)
            from item in view.Descendants("ListItem").Concat(view.Descendants("TableColumnItem"))
            let property = type!.GetProperty(item.Element("PropertyName")?.Value ?? "-")
            where
                (Nullable.GetUnderlyingType(property?.PropertyType ?? typeof(int)) ?? property?.PropertyType) == typeof(DateTime)
                || (item.Element("ScriptBlock")?.Value ?? "").Contains(".ToString(", StringComparison.Ordinal)
            select $"{type!.Name}: {item}";
        Assert.Empty(flaws);
    }

    [Fact]
    public void A_wide_character_counts_as_two_columns_of_a_name()
    {
        const string Mount =
            "[Containerd.CtrSnapshotMount]@{ Path = '/mnt/' + '容器' * 30; Snapshot = 'web'; Namespace = 'default'; MountedAt = '2026-11-22T13:04:05' }";
        Assert.Contains("2026-11-22 13:04:05 default", _engines[80].Display(Mount), StringComparison.Ordinal);
    }

    private static string Show(Engine engine, string type) =>
        string.Join('\n', engine.Display(Made(type)).ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd()));

    private static string Made(string type)
    {
        var detailed = type.Contains('#', StringComparison.Ordinal);
        var made = $"foreach ($values in {ViewSamples.Scripts[type]}) {{ [psobject][Containerd.{type.Split('#')[0]}]$values }}";
        return detailed ? $"$made = {made}; $made.PSTypeNames.Insert(0, 'Containerd.{type}'); $made" : made;
    }
}
