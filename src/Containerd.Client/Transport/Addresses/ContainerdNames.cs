using System.Text.RegularExpressions;

namespace Containerd.Client;

/// <summary>
/// containerd's rule for the ids of containers, execs and namespaces, checked before anything is created (pkg identifiers).
/// </summary>
public static partial class ContainerdNames
{
    /// <summary>The longest id, in characters.</summary>
    public const int LongestId = 76;

    /// <summary>Validates an id.</summary>
    /// <param name="id">The id from the caller.</param>
    /// <param name="what">The kind of object, for the message: <c>container</c>, <c>exec</c>, <c>namespace</c>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="CtrArgumentException">The id is empty, too long, or has a character that is not allowed (InvalidId).</exception>
    public static string Require(string id, string what)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Fault(id) is not { } why
            ? id
            : throw new CtrArgumentException($"'{Shorten(id)}' is not a valid {(what == "namespace" ? "name" : "id")} for a {what}: {why}.")
            {
                ErrorId = ErrorIds.InvalidId,
                Subject = id,
                Remedy =
                    what == "namespace"
                        ? "Choose a name such as staging."
                        : $"Choose an id such as {(what == "container" ? "web" : what)}-1.",
            };
    }

    /// <summary>Whether a text can be an id.</summary>
    /// <param name="id">The text.</param>
    /// <returns>True if <see cref="Require"/> accepts it.</returns>
    public static bool IsValid(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.Length <= LongestId && Allowed().IsMatch(id);
    }

    /// <summary>Validates the name of a container. The rule is that of ids, because a name can be used instead of an id.</summary>
    /// <param name="name">The name from the caller.</param>
    /// <returns>The name.</returns>
    /// <exception cref="CtrArgumentException">InvalidName.</exception>
    public static string RequireName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Fault(name) is not { } why
            ? name
            : throw new CtrArgumentException($"'{Shorten(name)}' cannot be the name of a container: {why}.")
            {
                ErrorId = ErrorIds.InvalidName,
                Subject = name,
                Remedy = "Choose a name such as web-1.",
            };
    }

    internal static string RequireNamespace(string name) => Require(name, "namespace");

    private static string? Fault(string id) =>
        id.Length switch
        {
            0 => "it is empty",
            > LongestId => $"it has {id.Length} characters, and {LongestId} are the most",
            _ when !Allowed().IsMatch(id) => "it may hold letters, digits and single '.', '_' or '-' between them",
            _ => null,
        };

    private static string Shorten(string id) => id.Length <= 100 ? id : id[..100] + "…";

    [GeneratedRegex(@"^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*\z")]
    private static partial Regex Allowed();
}
