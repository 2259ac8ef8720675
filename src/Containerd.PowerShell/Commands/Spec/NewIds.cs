using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// The ids of what is to be made: the first word, or the pipeline's items. PowerShell gives the word at position 0 to the id even where the ids are piped
/// in (<c>'a', 'b' | New-CtrContainer -Image busybox -- sleep 60</c>): it is the command's then.
/// </summary>
internal static class NewIds
{
    internal static IReadOnlyList<string> Of(string[] id, string[] piped, InvocationInfo invocation) =>
        invocation.ExpectingInput ? piped : id.Length > 0 ? id : [""];

    internal static IReadOnlyList<object?> Words(string[] id, object?[] command, InvocationInfo invocation) => invocation.ExpectingInput switch
    {
        true when id.Length == 1 => [id[0], .. command],
        true when id.Length > 1 => [id.Cast<object>().ToArray(), .. command],
        _ => command,
    };

    /// <summary>Lets an id pass that is there at all.</summary>
    internal static string Require(string id) => id.Length > 0 ? id : throw new CtrArgumentException("No id is given.")
    {
        ErrorId = "InvalidId",
        Subject = id,
        Remedy = "Put it first, such as web-1, or pipe ids in.",
    };
}
