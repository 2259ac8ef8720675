namespace Containerd.Oci.Registry;

/// <summary>A login: a user and a password, or an identity token that is exchanged for access tokens.</summary>
internal sealed record RegistryCredential(string User, string Secret, bool IsToken)
{
    /// <summary>The user name by which Docker's helpers say that the secret is an identity token.</summary>
    public const string TokenUser = "<token>";

    public static RegistryCredential Of(string user, string secret) => new(user, secret, user == TokenUser);

    // A record would print the secret.
    public override string ToString() => IsToken ? "an identity token" : User;
}
