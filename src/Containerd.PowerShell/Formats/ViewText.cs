using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>What the views of several types have in common; they call it.</summary>
public static class ViewText
{
    internal const string Reset = "\u001b[0m";
    internal const string Bold = "\u001b[1m";
    internal const string Red = "\u001b[31m";
    private const string Green = "\u001b[32m";
    private const string Yellow = "\u001b[33m";

    /// <summary>For which the tables are made, in columns.</summary>
    private const int NarrowestWindow = 100;

    /// <summary>A state in its colour: what works green, what waits yellow, what does not work red.</summary>
    /// <param name="state">The state, or its name where it came out of a job or a remote session.</param>
    /// <param name="color">Whether the host shows colours, and nobody has asked for none. What goes into a file or a variable, the shell makes plain itself.</param>
    /// <returns>The state's name.</returns>
    public static string State(object? state, bool color)
    {
        var name = Convert.ToString(state is PSObject wrapped ? wrapped.BaseObject : state, CultureInfo.InvariantCulture) ?? "";
        return color && Color(name) is { } code ? code + name + Reset : name;
    }

    /// <summary>A text that is told apart by its end, such as an image's name by its tag.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">How many columns it may have.</param>
    /// <returns>The text, or its end.</returns>
    public static string End(string? text, int width) => text is null || text.Length <= width ? text ?? "" : "…" + text[^(width - 1)..];

    /// <summary>A text for a column without a width of its own, which would push the others out of the table when it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host, whose window has so many columns.</param>
    /// <param name="beside">How many of them the others and the gaps take.</param>
    /// <returns>The text, or its end.</returns>
    public static string Fit(string? text, PSHost? host, int beside)
    {
        int window;
        try
        {
            window = host?.UI?.RawUI?.BufferSize.Width ?? 0;
        }
#pragma warning disable CA1031 // Whatever a host throws, it is no reason to show nothing.
        catch (Exception)
#pragma warning restore CA1031
        {
            // It has no window.
            window = 0;
        }

        // The shell leaves a terminal's last column empty.
        return End(text, Math.Max(window, NarrowestWindow) - 1 - beside);
    }

    /// <summary>Under which head an object stands in a table: its session, where this runspace opened several.</summary>
    /// <param name="item">The object.</param>
    /// <returns>The session's name; nothing where no head is needed.</returns>
    public static string[] Place(PSObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        // An array, for the shell heads rows with null too.
        return SessionRegistry.CountOf(RunspaceScope.Current) > 1 && item.Properties["Session"]?.Value?.ToString() is { } session ? [session] : [];
    }

    internal static string? Color(string state) => state switch
    {
        nameof(CtrStatus.Running) or nameof(CtrSessionState.Opened) or nameof(CtrPluginState.Loaded) => Green,
        nameof(CtrStatus.Paused) or nameof(CtrStatus.Pausing) or nameof(CtrStatus.Created) or nameof(CtrPluginState.Skipped) => Yellow,
        nameof(CtrStatus.Stopped) or nameof(CtrStatus.Unknown) or nameof(CtrSessionState.Closed) or nameof(CtrPluginState.Failed) => Red,
        _ => null,
    };
}
