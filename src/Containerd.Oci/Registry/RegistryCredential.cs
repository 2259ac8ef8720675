namespace Containerd.Oci.Registry;

/// <summary>Credentials: a user and a password, or an identity token that is exchanged for access tokens.</summary>
internal sealed record RegistryCredential(string User, string Secret, bool IsToken)
{
    /// <summary>The user name with which Docker's helpers indicate that the secret is an identity token.</summary>
    public const string TokenUser = "<token>";

    public static RegistryCredential Of(string user, string secret) => new(user, secret, user == TokenUser);

    // A record's ToString would include the secret.
    public override string ToString() => IsToken ? "an identity token" : User;
}
