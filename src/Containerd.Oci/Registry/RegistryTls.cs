using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Containerd.Oci.Registry;

/// <summary>The trusted certificates and the client certificates of a connection to a registry.</summary>
internal static class RegistryTls
{
    /// <summary>The TLS options for connections to a host, or, without client certificates, to redirect targets.</summary>
    /// <exception cref="CtrDataException">CertificateInvalid.</exception>
    public static SslClientAuthenticationOptions For(RegistryHost host, RegistryOptions options, bool own)
    {
        var tls = new SslClientAuthenticationOptions { CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (host.SkipVerify || options.SkipCertificateCheck)
        {
            // The user explicitly requested it.
#pragma warning disable CA5359 // The user requested that any certificate is accepted.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (Authorities(host.CaFiles.Concat(options.CaCertificates)) is { Count: > 0 } authorities)
        {
            tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None
                || (
                    errors == SslPolicyErrors.RemoteCertificateChainErrors
                    && certificate is not null
                    && IsTrusted(new X509Certificate2(certificate), chain, authorities)
                );
        }
        else if (host.SkipVerifyOnLoopback)
        {
            // Connections within this machine cannot be intercepted.
            tls.RemoteCertificateValidationCallback = static (connection, _, _, errors) =>
                errors == SslPolicyErrors.None || (connection is SslStream to && RegistryHosts.IsLoopback(to.TargetHostName));
        }

        if (!own)
            return tls;
        var shown = new X509Certificate2Collection(host.ClientFiles.Select(f => Client(f.Certificate, f.Key)).ToArray());
        if (options.ClientCertificate is { } given && host.IsOwn)
            shown.Insert(0, given);
        if (shown.Count > 0)
        {
            tls.ClientCertificates = shown;
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => shown[0];
        }

        return tls;
    }

    private static X509Certificate2Collection Authorities(IEnumerable<string> files)
    {
        var all = new X509Certificate2Collection();
        foreach (var file in files)
        {
            try
            {
                var before = all.Count;
                all.ImportFromPemFile(file);
                if (all.Count == before)
                    throw new CryptographicException("it holds no certificate");
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw Invalid(file, e);
            }
        }

        return all;
    }

    private static X509Certificate2 Client(string certificate, string? key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Invalid(certificate, e);
        }
    }

    // A chain is valid if it contains one of the specified certificates: that of the server, an authority, or an intermediate one.
    private static bool IsTrusted(X509Certificate2 certificate, X509Chain? sent, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ExtraStore.AddRange(authorities);
        foreach (var element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1", "TLS server"));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        return chain.Build(certificate)
            && chain.ChainElements.Any(e => authorities.Any(a => a.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span)));
    }

    private static CtrDataException Invalid(string file, Exception cause) =>
        new($"The certificate file '{file}' cannot be used: {cause.Message.TrimEnd('.')}.", cause)
        {
            ErrorId = ErrorIds.CertificateInvalid,
            Subject = file,
            Remedy = "The file must be readable and in PEM format.",
        };
}
