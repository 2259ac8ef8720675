using System.Management.Automation;
using System.Management.Automation.Host;

namespace Containerd.PowerShell;

/// <summary>Functions of the views of networks, and of the column with the network of a container.</summary>
public static class NetworkText
{
    private const string Protocol = "/tcp";

    /// <summary>The addresses and published ports of a container, for a column of a table.</summary>
    /// <param name="container">The container.</param>
    /// <param name="host">The host with the window.</param>
    /// <param name="beside">The number of columns that the other columns and the gaps take.</param>
    /// <param name="percent">The share of the remaining columns, in percent.</param>
    /// <returns>A text such as 10.4.0.2 8080:80; empty for a container that has only a loopback interface.</returns>
    public static string Of(PSObject container, PSHost? host, int beside, int percent)
    {
        ArgumentNullException.ThrowIfNull(container);
        var networks = Items(container, "Networks").Select(Addresses);
        var ports = Items(container, "Ports").Select(port => WithoutProtocol($"{port}"));
        return ViewText.Room(string.Join(' ', networks.Concat(ports)), host, beside, percent);
    }

    /// <summary>The containers of a network with their addresses, for a list or a column.</summary>
    /// <param name="attachments">The attachments.</param>
    /// <returns>A text such as web 10.4.0.2, db 10.4.0.3.</returns>
    public static string Users(object? attachments) =>
        CtrText.VisibleLine(
            string.Join(
                ", ",
                List(attachments)
                    .Select(item => $"{Value(item, "ContainerId")} {string.Join(' ', List(Value(item, "IPAddresses")))}".TrimEnd())
            )
        );

    /// <summary>Several texts in one column.</summary>
    /// <param name="items">The texts.</param>
    /// <returns>The texts, separated by commas.</returns>
    public static string Join(object? items) => CtrText.VisibleLine(string.Join(", ", List(items)));

    private static string Addresses(PSObject attachment) =>
        string.Join(' ', List(Value(attachment, "IPAddresses"))) is { Length: > 0 } addresses
            ? addresses
            : $"{Value(attachment, "Network")}";

    private static string WithoutProtocol(string port) =>
        port.EndsWith(Protocol, StringComparison.Ordinal) ? port[..^Protocol.Length] : port;

    private static IEnumerable<PSObject> Items(PSObject item, string property) => List(Value(item, property));

    private static object? Value(PSObject item, string property) => item.Properties[property]?.Value;

    private static IEnumerable<PSObject> List(object? items) =>
        items is null
            ? []
            : (LanguagePrimitives.GetEnumerable(items)?.Cast<object?>() ?? [items])
                .Where(i => i is not null)
                .Select(i => PSObject.AsPSObject(i!));
}
