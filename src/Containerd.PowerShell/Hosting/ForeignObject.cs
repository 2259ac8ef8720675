using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Explains why an object does not identify an object of the expected kind.</summary>
internal static class ForeignObject
{
    private const string Copied = "Deserialized.Containerd.";

    /// <summary>Whether it is a copy of an object of this module from a job or a remote session.</summary>
    internal static bool IsCopy(object? item) => item is PSObject && TypeOf(item).StartsWith(Copied, StringComparison.Ordinal);

    internal static string Refusal(object item, string noun = "a container", string property = "ContainerId") =>
        IsCopy(item)
            ? $"This {TypeOf(item)[Copied.Length..]} came out of a job or a remote session, and has no connection here. Pass its "
                + $"{property}, on a session of this process."
            : $"A {TypeOf(item)} does not name {noun}. {Remedy(item)}";

    private static string Remedy(object item) =>
        (item is PSObject wrapped ? wrapped.BaseObject : item) switch
        {
            CtrSession => "Specify a session with -Session.",
            CtrNamespace => "Specify the name of a namespace with -Namespace.",
            _ => "Use names as strings, or objects of this module.",
        };

    private static string TypeOf(object item) => item is PSObject wrapped ? wrapped.TypeNames[0] : item.GetType().FullName ?? "";
}
