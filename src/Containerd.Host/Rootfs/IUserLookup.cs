namespace Containerd.Host;

/// <summary>Resolves the name of a user in an image or a command to the ids for a spec.</summary>
public interface IUserLookup
{
    /// <summary>Looks up a user.</summary>
    /// <param name="user">A name or number, optionally with the name or number of a group after a colon; empty for root.</param>
    /// <param name="additionalGroups">Supplementary groups, by name or number.</param>
    /// <returns>The ids of the user.</returns>
    /// <exception cref="CtrNotFoundException">
    /// <c>UserNotFound</c>, <c>GroupNotFound</c>: the root filesystem does not have the name.
    /// </exception>
    /// <exception cref="CtrArgumentException"><c>InvalidUser</c>: the text has another form, or a number is out of range.</exception>
    public CtrSpecUser Find(string user, IReadOnlyList<string> additionalGroups);
}
