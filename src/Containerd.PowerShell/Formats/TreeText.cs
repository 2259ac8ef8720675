using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Draws a <see cref="CtrTree"/>, including one from a job or a remote session, as lines of text. The view of the type calls it.
/// </summary>
public static class TreeText
{
    // For a host that does not report its width, or reports an impossible one.
    private const int Narrowest = 20;
    private const int Usual = 100;

    /// <summary>Draws a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="width">The maximum columns of a line; less than 20 for a host that does not know its width.</param>
    /// <param name="color">Whether the host shows colors.</param>
    /// <returns>The lines.</returns>
    public static string[] Draw(PSObject tree, int width, bool color)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var lines = new List<string>();
        Add(tree, "", "", width < Narrowest ? Usual : width, color, lines);
        return [.. lines];
    }

    private static void Add(PSObject part, string first, string rest, int width, bool color, List<string> lines)
    {
        lines.Add(Line(part, first, width, color));
        var children = Children(part);
        for (var i = 0; i < children.Count; i++)
        {
            var last = i == children.Count - 1;
            Add(children[i], rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), width, color, lines);
        }
    }

    private static string Line(PSObject part, string lead, int width, bool color)
    {
        var kind = Text(part, nameof(CtrTree.Kind));
        var name = Text(part, nameof(CtrTree.Name));
        var detail = Text(part, nameof(CtrTree.Detail));
        var text = $"{kind} {name}{(detail.Length > 0 ? "  " + detail : "")}";
        var room = width - lead.Length;
        if (text.Length > room)
            text = room > 1 ? text[..(room - 1)] + "…" : "";
        if (color && Color(part) is { } code && text.Length > kind.Length)
            text = kind + code + text[kind.Length..] + ViewText.Reset;
        return lead + text;
    }

    private static string? Color(PSObject part) =>
        LanguagePrimitives.IsTrue(part.Properties[nameof(CtrTree.IsMissing)]?.Value)
            ? ViewText.Red
            : ViewText.Color(Text(part, nameof(CtrTree.Status)))
                ?? (Text(part, nameof(CtrTree.Kind)) is nameof(CtrTreeKind.Container) ? ViewText.Bold : null);

    private static string Text(PSObject part, string property) =>
        CtrText.VisibleLine(Convert.ToString(part.Properties[property]?.Value, CultureInfo.InvariantCulture));

    private static List<PSObject> Children(PSObject part)
    {
        var children = part.Properties[nameof(CtrTree.Children)]?.Value;
        return ((children is PSObject wrapped ? wrapped.BaseObject : children) as IEnumerable)
            ?.Cast<object>()
            .Select(PSObject.AsPSObject)
            .ToList()
            ?? [];
    }
}
