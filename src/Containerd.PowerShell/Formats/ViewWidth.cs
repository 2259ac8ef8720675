using System.Management.Automation.Host;

namespace Containerd.PowerShell;

/// <summary>
/// The available width of a table. The engine sizes the columns of a table by their content and drops the last columns if the table is too
/// wide, so the views shorten long text to fit the window.
/// </summary>
internal static class ViewWidth
{
    /// <summary>The narrowest supported window, in columns.</summary>
    internal const int Narrowest = 80;

    /// <summary>Returns the columns that a share of a row has.</summary>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps between all columns take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    internal static int Share(PSHost? host, int beside, int percent) => Math.Max(1, (Row(host) - beside) * percent / 100);

    /// <summary>Returns the columns that a row has.</summary>
    /// <param name="host">The host with the window.</param>
    internal static int Row(PSHost? host)
    {
        int window;
        try
        {
            window = host?.UI?.RawUI?.BufferSize.Width ?? 0;
        }
#pragma warning disable CA1031 // A host may throw anything; the table is shown anyway.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The host has no window.
            window = 0;
        }

        // The shell keeps the last column of a terminal empty.
        return Math.Max(window, Narrowest) - 1;
    }

    /// <summary>Returns the columns that a text occupies: the host knows which characters occupy two.</summary>
    internal static int Of(string text, PSHost? host)
    {
        try
        {
            return host?.UI?.RawUI?.LengthInBufferCells(text) ?? text.Length;
        }
#pragma warning disable CA1031 // A host may throw anything; the table is shown anyway.
        catch (Exception)
#pragma warning restore CA1031
        {
            return text.Length;
        }
    }

    /// <summary>Returns the beginning of a text.</summary>
    internal static string Start(string text, int width, PSHost? host)
    {
        if (Of(text, host) <= width)
            return text;
        var length = Math.Min(text.Length, width - 1);
        while (length > 0 && (Of(text[..length], host) > width - 1 || char.IsHighSurrogate(text[length - 1])))
            length--;
        return text[..length] + "…";
    }

    /// <summary>Returns the end of a text.</summary>
    internal static string End(string text, int width, PSHost? host)
    {
        if (Of(text, host) <= width)
            return text;
        var start = Math.Max(0, text.Length - width + 1);
        while (start < text.Length && (Of(text[start..], host) > width - 1 || char.IsLowSurrogate(text[start])))
            start++;
        return "…" + text[start..];
    }
}
