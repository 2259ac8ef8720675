namespace Containerd.Host;

/// <summary>Turns the name of a user, as it stands in an image or a command, into the numbers that a spec has.</summary>
public interface IUserLookup
{
    /// <summary>Looks a user up.</summary>
    /// <param name="user">
    /// A name or number, with a group's name or number behind a colon where it is not the user's own; empty for root.
    /// </param>
    /// <param name="additionalGroups">Further groups, by name or number.</param>
    /// <returns>The user's numbers.</returns>
    /// <exception cref="CtrNotFoundException">
    /// <c>UserNotFound</c>, <c>GroupNotFound</c>: the root filesystem does not have the name.
    /// </exception>
    /// <exception cref="CtrArgumentException"><c>InvalidUser</c>: the text has another form, or a number is out of range.</exception>
    public CtrSpecUser Find(string user, IReadOnlyList<string> additionalGroups);
}
