using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Text.RegularExpressions;

namespace Containerd.PowerShell;

/// <summary>Functions that the views of several types call.</summary>
public static partial class ViewText
{
    internal const string Reset = "\u001b[0m";
    internal const string Bold = "\u001b[1m";
    internal const string Red = "\u001b[31m";
    private const string Green = "\u001b[32m";
    private const string Yellow = "\u001b[33m";

    /// <summary>A state in its color: green for working, yellow for waiting, red for not working.</summary>
    /// <param name="state">The state, or its name if it came from a job or a remote session.</param>
    /// <param name="color">
    /// Whether the host shows colors, and colors are not disabled. For files and variables, the shell removes colors itself.
    /// </param>
    /// <returns>The state's name.</returns>
    public static string State(object? state, bool color)
    {
        var name = CtrText.VisibleLine(
            Convert.ToString(state is PSObject wrapped ? wrapped.BaseObject : state, CultureInfo.InvariantCulture)
        );
        return color && Color(name) is { } code ? code + name + Reset : name;
    }

    /// <summary>A value as lists show it: control characters in its text are visible; line feeds and tabs are kept.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The value, with visible text.</returns>
    public static object? Text(object? value) => ShownValue.Of(value, CtrText.Visible);

    /// <summary>A value as tables show it: control characters in its text are visible, line feeds and tabs too.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The value, with visible text of one line.</returns>
    public static object? Line(object? value) => ShownValue.Of(value, CtrText.VisibleLine);

    /// <summary>Returns a date and time as tables and lists show it: yyyy-MM-dd HH:mm:ss, local time, in every culture.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The text; empty if the time is not known.</returns>
    public static string Time(object? time) => Moment(time, "yyyy-MM-dd HH:mm:ss");

    /// <summary>Returns a date and time with milliseconds, for rows that follow each other within a second.</summary>
    /// <param name="time">The time.</param>
    /// <returns>The text; empty if the time is not known.</returns>
    public static string Milliseconds(object? time) => Moment(time, "yyyy-MM-dd HH:mm:ss.fff");

    /// <summary>Returns a digest in short: its first twelve digits.</summary>
    /// <param name="digest">The digest, or another name.</param>
    /// <returns>The digits; a text that is not a digest is returned unchanged.</returns>
    public static string Digest(string? digest) =>
        CtrText.VisibleLine(
            digest is not null && Digests().Match(digest) is { Success: true, Index: 0 } match && match.Length == digest.Length
                ? match.Groups[2].Value
                : digest
        );

    /// <summary>Returns a digest in short, or the beginning of another name.</summary>
    /// <param name="name">The digest or name.</param>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    /// <returns>The text.</returns>
    public static string Digest(string? name, PSHost? host, int beside, int percent) =>
        ViewWidth.Start(Digest(name), ViewWidth.Share(host, beside, percent), host);

    /// <summary>A size as tables show it.</summary>
    /// <param name="bytes">The size in bytes.</param>
    /// <returns>A text such as 12.5MiB; empty if the size is not known.</returns>
    public static string Size(long? bytes) =>
        bytes switch
        {
            null => "",
            >= 0 => StatsText.Size(bytes),
            _ => Known(bytes.Value),
        };

    /// <summary>A size as lists show it, with the exact number.</summary>
    /// <param name="bytes">The size in bytes.</param>
    /// <returns>A text such as 12.5MiB (13107200 bytes); empty if the size is not known.</returns>
    public static string Bytes(long? bytes) =>
        bytes is { } known ? string.Create(CultureInfo.InvariantCulture, $"{Known(known)} ({known} bytes)") : "";

    /// <summary>Returns the beginning of a text for a column of a fixed width.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The maximum number of columns.</param>
    /// <returns>The text, or its beginning.</returns>
    public static string Start(string? text, int width) => ViewWidth.Start(CtrText.VisibleLine(text), width, null);

    /// <summary>Returns the end of a text whose end is significant, such as the tag of an image's name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The maximum number of columns.</param>
    /// <returns>The text, or its end.</returns>
    public static string End(string? text, int width) => ViewWidth.End(Short(text), width, null);

    /// <summary>Returns the end of a text that is too long for its share of a row. Digests in it are short.</summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    /// <returns>The text, or its end.</returns>
    public static string Fit(string? text, PSHost? host, int beside, int percent = 100) =>
        ViewWidth.End(Short(text), ViewWidth.Share(host, beside, percent), host);

    /// <summary>Returns the beginning of a text that is too long for its share of a row.</summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    /// <returns>The text, or its beginning.</returns>
    public static string Room(string? text, PSHost? host, int beside, int percent = 100) =>
        ViewWidth.Start(CtrText.VisibleLine(text), ViewWidth.Share(host, beside, percent), host);

    /// <summary>
    /// Returns a text as <see cref="Room"/> does, filled with spaces: the rows of a growing table must fit the columns that its first rows
    /// set.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    /// <returns>The text, as wide as its share.</returns>
    public static string Column(string? text, PSHost? host, int beside, int percent = 100)
    {
        var shown = Room(text, host, beside, percent);
        return shown + new string(' ', Math.Max(0, ViewWidth.Share(host, beside, percent) - ViewWidth.Of(shown, host)));
    }

    /// <summary>
    /// Returns an image's name for a table: complete if it fits, or else without the part for Docker Hub, or else its end. Digests in it
    /// are short.
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    /// <returns>The text.</returns>
    public static string Image(string? name, PSHost? host, int beside, int percent = 100)
    {
        var shown = Short(name);
        var width = ViewWidth.Share(host, beside, percent);
        return ViewWidth.End(ViewWidth.Of(shown, host) <= width ? shown : Hub().Replace(shown, ""), width, host);
    }

    /// <summary>Returns the command line of a process in a container.</summary>
    /// <param name="command">The command and its arguments.</param>
    /// <param name="name">The process's name, for a process without a command line.</param>
    /// <returns>The text.</returns>
    public static string Command(object? command, object? name = null)
    {
        var words = string.Join(' ', LanguagePrimitives.ConvertTo<string[]>(command) ?? []);
        return CtrText.VisibleLine(words.Length > 0 || name is null ? words : $"[{name}]");
    }

    /// <summary>The group header of an object in a table: its session, if this runspace opened several.</summary>
    /// <param name="item">The object.</param>
    /// <returns>The session's name; nothing if no header is needed.</returns>
    public static string[] SessionHeader(PSObject item)
    {
        ArgumentNullException.ThrowIfNull(item);
        // An array, because the shell also shows a header for null.
        return SessionRegistry.CountOf(RunspaceScope.Current) > 1 && item.Properties["Session"]?.Value?.ToString() is { } session
            ? [CtrText.VisibleLine(session)]
            : [];
    }

    private static string Moment(object? time, string format) =>
        (time is PSObject wrapped ? wrapped.BaseObject : time) switch
        {
            // An unknown time has the default value if the property cannot be null.
            DateTime known when known > DateTime.MinValue => (known.Kind == DateTimeKind.Utc ? known.ToLocalTime() : known).ToString(
                format,
                CultureInfo.InvariantCulture
            ),
            DateTimeOffset known => known.LocalDateTime.ToString(format, CultureInfo.InvariantCulture),
            _ => "",
        };

    private static string Short(string? text) => Digests().Replace(CtrText.VisibleLine(text), "$1$2");

    // An object that a script created may contain any number.
    private static string Known(long bytes) =>
        bytes >= 0 ? new CtrSize(bytes).ToString() : string.Create(CultureInfo.InvariantCulture, $"{bytes}B");

    internal static string? Color(string state) =>
        state switch
        {
            nameof(CtrStatus.Running) or nameof(CtrSessionState.Opened) or nameof(CtrPluginState.Loaded) => Green,
            nameof(CtrStatus.Paused)
            or nameof(CtrStatus.Pausing)
            or nameof(CtrStatus.Created)
            or nameof(CtrPluginState.Skipped)
            or ContainerText.Restarting
            or nameof(CtrDaemonState.Stopping) => Yellow,
            nameof(CtrStatus.Stopped) or nameof(CtrStatus.Unknown) or nameof(CtrSessionState.Closed) or nameof(CtrPluginState.Failed) =>
                Red,
            _ => null,
        };

    [GeneratedRegex("(sha(?:256|384|512):)([0-9a-f]{12})[0-9a-f]{20,}")]
    private static partial Regex Digests();

    [GeneratedRegex("^docker\\.io/(library/)?")]
    private static partial Regex Hub();
}
