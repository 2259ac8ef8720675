using Containerd.Host.Errors;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Oci;

/// <summary>
/// The credentials for registries that the user has stored, where <c>docker login</c> stores them: in Docker's config.json, or with
/// the credential helper that it names.
/// </summary>
public static class RegistryLogins
{
    /// <summary>Verifies credentials with the registry, and stores them.</summary>
    /// <param name="registry">The registry, such as <c>registry.example.com:5000</c>; <c>docker.io</c> for Docker Hub.</param>
    /// <param name="options">The credentials, and the connection options for the registry.</param>
    /// <param name="warn">Called with warnings, such as for a registry that does not require credentials.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The stored credentials, without the password.</returns>
    /// <exception cref="CtrArgumentException">InvalidRegistry.</exception>
    /// <exception cref="CtrPermissionException">AuthenticationFailed: nothing is stored.</exception>
    /// <exception cref="CtrConnectionException">RegistryUnreachable, RegistryUnavailable, RegistryCertificateInvalid.</exception>
    /// <exception cref="CtrDataException">DockerConfigInvalid.</exception>
    /// <exception cref="CtrException">CredentialHelperFailed, FileNotWritable.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<CtrRegistryLogin> AddAsync(
        string registry,
        RegistryOptions options,
        Action<string>? warn = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = Normalize(registry);
        var given = options.Credential ?? throw new ArgumentException("Credentials require a user name and a password.", nameof(options));
        var credential = RegistryCredential.Of(given.UserName, given.Password);
        if (credential.User.Contains(':', StringComparison.Ordinal) || credential.User.Length == 0 || credential.Secret.Length == 0)
        {
            throw new CtrArgumentException(
                $"The credentials for {name} cannot be used: a user name without ':' and a password are required."
            )
            {
                ErrorId = ErrorIds.InvalidRegistryLogin,
                Subject = name,
                Remedy = "Enter a user name and a password, or the user name <token> and an identity token.",
            };
        }

        // The file is read first: credentials that cannot be stored are not sent.
        var file = DockerConfigFile.Load(options.DockerConfigDirectory);
        await VerifyAsync(name, options, warn, cancellationToken).ConfigureAwait(false);
        var helper = file.HelperFor(name);
        if (helper is not null)
            await CredentialHelper.StoreAsync(helper, DockerConfigFile.KeyOf(name), credential, cancellationToken).ConfigureAwait(false);
        await DockerConfigFile
            .ChangeAsync(
                options.DockerConfigDirectory,
                config =>
                {
                    config.Set(name, helper is null ? credential : null);
                    return true;
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        return new CtrRegistryLogin
        {
            Registry = name,
            UserName = credential.User,
            Store = helper is null ? file.Path : CredentialHelper.ProgramOf(helper),
        };
    }

    /// <summary>Removes stored credentials.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="directory">The folder of config.json; null for the default folder.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotFoundException">RegistryLoginNotFound.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public static async Task RemoveAsync(string registry, string? directory = null, CancellationToken cancellationToken = default)
    {
        var name = Normalize(registry);
        var file = DockerConfigFile.Load(directory);
        var key = DockerConfigFile.KeyOf(name);
        var found = false;
        if (
            file.HelperFor(name) is { } helper
            && await CredentialHelper.GetAsync(helper, key, cancellationToken).ConfigureAwait(false) is not null
        )
        {
            await CredentialHelper.EraseAsync(helper, key, cancellationToken).ConfigureAwait(false);
            found = true;
        }

        await DockerConfigFile
            .ChangeAsync(directory, config => config.Remove(name) && (found = true), cancellationToken)
            .ConfigureAwait(false);
        if (!found)
        {
            throw new CtrNotFoundException($"No credentials for the registry '{name}' are stored.")
            {
                ErrorId = ErrorIds.RegistryLoginNotFound,
                Subject = name,
                Remedy = "List the stored credentials; the name of a registry includes its port.",
            };
        }
    }

    /// <summary>Lists the stored credentials, by registry.</summary>
    /// <param name="directory">The folder of config.json; null for the default folder.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The logins.</returns>
    /// <exception cref="CtrDataException">DockerConfigInvalid.</exception>
    /// <exception cref="CtrException">CredentialHelperFailed.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<IReadOnlyList<CtrRegistryLogin>> ListAsync(
        string? directory = null,
        CancellationToken cancellationToken = default
    )
    {
        var file = DockerConfigFile.Load(directory);
        var all = new SortedDictionary<string, CtrRegistryLogin>(StringComparer.Ordinal);
        foreach (var (registry, user) in file.Logins())
        {
            if (user is not null)
                all[registry] = new CtrRegistryLogin
                {
                    Registry = registry,
                    UserName = user,
                    Store = file.Path,
                };
        }

        foreach (var helper in file.Helpers())
        {
            foreach (var (key, user) in await CredentialHelper.ListAsync(helper, cancellationToken).ConfigureAwait(false))
            {
                var registry = DockerConfigFile.RegistryOf(key);
                // Several helpers may list the same registry.
                if (file.HelperFor(registry) == helper)
                    all[registry] = new CtrRegistryLogin
                    {
                        Registry = registry,
                        UserName = user,
                        Store = CredentialHelper.ProgramOf(helper),
                    };
            }
        }

        return [.. all.Values];
    }

    /// <summary>
    /// Normalizes the name of a registry to its form in image names: without a scheme and a path, <c>docker.io</c> for all names of Docker
    /// Hub.
    /// </summary>
    /// <param name="registry">A name or an address.</param>
    /// <returns>The name.</returns>
    /// <exception cref="CtrArgumentException">InvalidRegistry.</exception>
    public static string Normalize(string registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        var name = DockerConfigFile.RegistryOf(registry);
        try
        {
            if (ImageReference.Normalize(name + "/x").StartsWith(name + "/", StringComparison.Ordinal))
                return name;
        }
        catch (CtrArgumentException) { }

        throw new CtrArgumentException($"'{registry}' is not the name of a registry.")
        {
            ErrorId = ErrorIds.InvalidRegistry,
            Subject = registry,
            Remedy = "Use the name that image names begin with, such as registry.example.com:5000, or docker.io for Docker Hub.",
        };
    }

    // The entry point of the API requires only authentication: distribution spec, "Determining Support".
    private static async Task VerifyAsync(
        string registry,
        RegistryOptions options,
        Action<string>? warn,
        CancellationToken cancellationToken
    )
    {
        var reference = new RegistryReference(registry, "login", "latest");
        var host = RegistryHosts.For(reference, options)[^1];
        using var connection = new RegistryConnection(host, options, registry);
        try
        {
            await Retries.RunAsync(connection.RetryDelay, () => AskAsync(connection), cancellationToken).ConfigureAwait(false);
        }
        catch (CtrPermissionException e)
            when (e.ErrorId is ErrorIds.AuthenticationFailed or ErrorIds.AuthenticationRequired or ErrorIds.RegistryAccessDenied)
        {
            throw new CtrPermissionException($"The registry {registry} does not accept the user name and the password.", e)
            {
                ErrorId = ErrorIds.AuthenticationFailed,
                Subject = registry,
                Remedy = "Check both; some registries require an access token instead of the password.",
            };
        }

        async Task<bool> AskAsync(RegistryConnection asked)
        {
            var uri = new Uri($"{asked.Host.Scheme}://{asked.Host.Name}{asked.Host.Path}/");
            using var answer = await asked
                .SendAsync(new RegistryCall { Method = HttpMethod.Get, Uri = uri }, cancellationToken)
                .ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                throw await RegistryErrors
                    .StatusAsync(
                        answer,
                        registry,
                        () =>
                            new CtrConnectionException($"'{registry}' does not answer as a registry: {uri} does not exist.")
                            {
                                ErrorId = ErrorIds.RegistryUnreachable,
                                Subject = registry,
                                Remedy = "Check the name and the port.",
                            },
                        push: false,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }

            if (!answer.SentCredential)
                warn?.Invoke($"The registry {registry} does not ask for credentials here, so that they could not be verified.");
            return true;
        }
    }
}
