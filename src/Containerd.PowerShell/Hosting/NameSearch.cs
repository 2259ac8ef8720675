using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Finds objects of this machine or process by name: one object, which must exist, or all objects that match a wildcard.</summary>
internal static class NameSearch
{
    /// <summary>Finds the objects for a name or wildcard; a name without an object is an error of the cmdlet.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="name">The name or wildcard.</param>
    /// <param name="list">Lists all objects.</param>
    /// <param name="nameOf">The name of an object.</param>
    /// <param name="notFound">The error for a name without an object.</param>
    internal static IReadOnlyList<T> Find<T>(
        CtrCmdlet cmdlet,
        string name,
        Func<IEnumerable<T>> list,
        Func<T, string> nameOf,
        Func<CtrNotFoundException> notFound
    )
    {
        List<T> found;
        try
        {
            var pattern = NamePattern.Get(name, WildcardOptions.IgnoreCase);
            found = [.. list().Where(item => pattern.IsMatch(nameOf(item)))];
        }
        catch (CtrException e)
        {
            cmdlet.WriteError(ErrorRecords.From(e, name));
            return [];
        }

        if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            cmdlet.WriteError(ErrorRecords.From(notFound(), name));
        return found;
    }
}
