namespace Containerd;

/// <summary>
/// Credentials for a registry that are stored in Docker's configuration, or by a credential helper that it names. The object never contains
/// the password.
/// </summary>
[PipelineObject(nameof(Registry), nameof(UserName), nameof(Store), Depth = 2)]
public sealed class CtrRegistryLogin
{
    /// <summary>The registry as image names have it, such as <c>docker.io</c> or <c>registry.example.com:5000</c>.</summary>
    public string Registry { get; set; } = "";

    /// <summary>The user name; <c>&lt;token&gt;</c> for an identity token.</summary>
    public string UserName { get; set; } = "";

    /// <summary>Where the password is stored: the path of the configuration file, or the name of the credential helper's program.</summary>
    public string Store { get; set; } = "";

    /// <summary>The registry.</summary>
    /// <returns>The registry's name.</returns>
    public override string ToString() => Registry;
}
