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
        var name = CtrText.VisibleLine(Convert.ToString(state is PSObject wrapped ? wrapped.BaseObject : state, CultureInfo.InvariantCulture));
        return color && Color(name) is { } code ? code + name + Reset : name;
    }

    /// <summary>A value as lists show it: control characters in its text are visible; line feeds and tabs stay.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The value, with visible text.</returns>
    public static object? Text(object? value) => ShownValue.Of(value, CtrText.Visible);

    /// <summary>A value as tables show it: control characters in its text are visible, line feeds and tabs too.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The value, with visible text of one line.</returns>
    public static object? Line(object? value) => ShownValue.Of(value, CtrText.VisibleLine);

    /// <summary>A digest in short: the first twelve digits.</summary>
    /// <param name="digest">The digest.</param>
    /// <returns>The digits; a text that is too short for a digest as it is.</returns>
    public static string Digest(string? digest) => CtrText.VisibleLine(digest is { Length: >= 19 } ? digest.Substring(7, 12) : digest);

    /// <summary>A size as tables show it.</summary>
    /// <param name="bytes">The size in bytes.</param>
    /// <returns>A text such as 12.5MiB; empty if the size is not known.</returns>
    public static string Size(long? bytes) => bytes is { } known ? Known(known) : "";

    /// <summary>A size as lists show it, with the exact number.</summary>
    /// <param name="bytes">The size in bytes.</param>
    /// <returns>A text such as 12.5MiB (13107200 bytes); empty if the size is not known.</returns>
    public static string Bytes(long? bytes) => bytes is { } known ? string.Create(CultureInfo.InvariantCulture, $"{Known(known)} ({known} bytes)") : "";

    /// <summary>A text that is told apart by its end, such as an image's name by its tag.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">How many columns it may have.</param>
    /// <returns>The text, or its end.</returns>
    public static string End(string? text, int width) => CtrText.VisibleLine(text is null || text.Length <= width ? text : "…" + text[^(width - 1)..]);

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
        return SessionRegistry.CountOf(RunspaceScope.Current) > 1 && item.Properties["Session"]?.Value?.ToString() is { } session ? [CtrText.VisibleLine(session)] : [];
    }

    // An object that a script constructed may hold any number.
    private static string Known(long bytes) => bytes >= 0 ? new CtrSize(bytes).ToString() : string.Create(CultureInfo.InvariantCulture, $"{bytes}B");

    internal static string? Color(string state) => state switch
    {
        nameof(CtrStatus.Running) or nameof(CtrSessionState.Opened) or nameof(CtrPluginState.Loaded) => Green,
        nameof(CtrStatus.Paused) or nameof(CtrStatus.Pausing) or nameof(CtrStatus.Created) or nameof(CtrPluginState.Skipped) or nameof(CtrDaemonState.Stopping) => Yellow,
        nameof(CtrStatus.Stopped) or nameof(CtrStatus.Unknown) or nameof(CtrSessionState.Closed) or nameof(CtrPluginState.Failed) => Red,
        _ => null,
    };
}
