using System.Net;
using Containerd.Oci.Images;

namespace Containerd.Oci.Registry;

/// <summary>The hosts to try for the images of a registry, in order.</summary>
internal static class RegistryHosts
{
    private const string DefaultDirectory = "/etc/containerd/certs.d";

    /// <summary>The hosts for a registry: its mirrors first, itself last.</summary>
    /// <exception cref="CtrDataException">HostsConfigInvalid.</exception>
    /// <exception cref="CtrNotFoundException">HostsDirectoryNotFound.</exception>
    public static IReadOnlyList<RegistryHost> For(RegistryReference reference, RegistryOptions options)
    {
        if (options.HostsDirectory is { } given && !Directory.Exists(given))
        {
            throw new CtrNotFoundException($"There is no folder '{given}'.") { ErrorId = ErrorIds.HostsDirectoryNotFound, Subject = given };
        }

        var folder = FolderFor(options.HostsDirectory ?? DefaultDirectory, reference.Domain);
        if (folder is null)
            return [Own(reference, options, null)];
        var file = Path.Combine(folder, "hosts.toml");
        return File.Exists(file)
            ? HostsFile.Read(file, reference.Domain, settings => Own(reference, options, settings))
            : [Own(reference, options, Certificates(folder, reference.Domain))];
    }

    /// <summary>Whether a registry is on this machine.</summary>
    public static bool IsLoopback(string host)
    {
        var name = Uri.TryCreate("https://" + host, UriKind.Absolute, out var uri) ? uri.DnsSafeHost : host;
        return name == "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }

    // A colon in a folder name does not work on every system: containerd also accepts registry_5000_.
    private static string? FolderFor(string root, string domain)
    {
        var (host, port) = RegistryReference.SplitPort(domain);
        string[] names = [.. port.Length > 0 ? new[] { $"{host}_{port}_" } : [], domain, "_default"];
        return names.Select(name => Path.Combine(root, name)).FirstOrDefault(Directory.Exists);
    }

    // Docker's own layout: *.crt are authorities, *.cert with *.key is the client certificate.
    private static RegistryHost Certificates(string folder, string domain) =>
        new()
        {
            Name = domain,
            CaFiles = [.. Directory.GetFiles(folder, "*.crt").Order(StringComparer.Ordinal)],
            ClientFiles =
            [
                .. Directory
                    .GetFiles(folder, "*.cert")
                    .Order(StringComparer.Ordinal)
                    .Select(file => (file, Path.ChangeExtension(file, ".key") is var key && File.Exists(key) ? key : null)),
            ],
        };

    private static RegistryHost Own(RegistryReference reference, RegistryOptions options, RegistryHost? settings)
    {
        // A registry on this machine usually has no certificate, or a self-signed one. A user who specifies an authority wants the
        // certificate to be verified.
        var trusted = options.CaCertificates.Count > 0 || settings is { CaFiles.Count: > 0 };
        var guess = IsLoopback(reference.Domain) && !options.PlainHttp && !trusted;
        var port = reference.Port;
        return new RegistryHost
        {
            Name = reference.Host,
            Scheme = options.PlainHttp || (guess && port == "80") ? Uri.UriSchemeHttp : Uri.UriSchemeHttps,
            MayBePlain = guess && port is not ("" or "443"),
            SkipVerify = settings?.SkipVerify ?? false,
            SkipVerifyOnLoopback = guess,
            IsOwn = true,
            Capabilities = settings?.Capabilities ?? HostCapabilities.All,
            CaFiles = settings?.CaFiles ?? [],
            ClientFiles = settings?.ClientFiles ?? [],
            Headers = settings?.Headers ?? [],
            ConnectTimeout = settings?.ConnectTimeout,
        };
    }
}
