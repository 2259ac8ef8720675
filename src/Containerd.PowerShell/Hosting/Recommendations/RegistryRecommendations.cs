namespace Containerd.PowerShell;

/// <summary>What to do about errors of registries.</summary>
internal static class RegistryRecommendations
{
    internal static readonly Dictionary<string, Func<CtrException, string>> ById = new(StringComparer.Ordinal)
    {
        [ErrorIds.AuthenticationFailed + ".Credentials"] = _ =>
            "Check the user name and the password, in -Credential or as 'docker login' saved them, and whether that user is "
            + "allowed to do this.",
        [ErrorIds.AuthenticationRequired] = _ =>
            "Provide them with -Credential (Get-Credential), or log in with 'docker login'. The image may also not exist: some "
            + "registries report that in the same way.",
        [ErrorIds.CredentialHelperFailed] = _ => "Run the helper by hand to see why, or use -Credential.",
        [ErrorIds.DockerConfigInvalid + ".Credentials"] = _ => "Correct the file, log in again with 'docker login', or use -Credential.",
        [ErrorIds.HostsConfigInvalid] = _ => "Correct the file, or specify another folder with -HostsDirectory.",
        [ErrorIds.RegistryAccessDenied] = _ =>
            "Use the credentials of a user who is allowed to do this, with -Credential or in Docker's configuration file.",
        [ErrorIds.RegistryCertificateInvalid] = _ =>
            "Specify its certificate authority with -CaCertificatePath or in hosts.toml; for a registry without TLS, use -PlainHttp.",
        [ErrorIds.RegistryRateLimited] = _ => "Wait, log in with -Credential (most registries then allow more requests), or use a mirror.",
        [ErrorIds.RegistryTimedOut] = _ => "Check that the registry is running and not overloaded, or allow it more time with -Timeout.",
    };
}
