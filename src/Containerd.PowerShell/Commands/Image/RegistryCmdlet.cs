using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>The base of Receive-CtrImage and Send-CtrImage: the parameters for connections to a registry.</summary>
public abstract class RegistryCmdlet : SessionCmdlet, IThrottled
{
    /// <summary>
    /// Specifies the credentials for the image's registry; they are not sent to mirrors. By default, the credentials that
    /// Connect-CtrRegistry or 'docker login' stored are used.
    /// </summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Indicates that the registry is used without TLS. Not needed for a registry on localhost.</summary>
    [Parameter]
    public SwitchParameter PlainHttp { get; set; }

    /// <summary>Indicates that any certificate is accepted.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Specifies PEM files with certificate authorities to trust in addition to those of the system.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CaCertificatePath { get; set; } = [];

    /// <summary>Specifies a client certificate with its private key, for registries that require one.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>
    /// Specifies a folder with the layout of /etc/containerd/certs.d, which has a folder with hosts.toml for each registry. The default is
    /// that folder, if it exists.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HostsDirectory { get; set; }

    /// <summary>
    /// Specifies how long to wait for an answer of the registry at each step: 30 (seconds), 500ms, 1m30s; -1 means no limit. The default is
    /// 30 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "30s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(30);

    /// <summary>
    /// Specifies the maximum number of images that are processed at the same time. With 1, the default, they are processed one after
    /// another; above 1, results are in the order of completion.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    private protected RegistryOptions RegistryOptions() =>
        new()
        {
            Credential = Credential?.GetNetworkCredential(),
            PlainHttp = PlainHttp,
            SkipCertificateCheck = SkipCertificateCheck,
            CaCertificates = ResolveFiles(CaCertificatePath, literal: false),
            ClientCertificate = Certificate,
            HostsDirectory = HostsDirectory is null ? null : ResolvePath(HostsDirectory),
            Timeout =
                Timeout.TimeSpan == TimeSpan.Zero
                    ? throw new CtrArgumentException("-Timeout must be greater than 0.")
                    {
                        ErrorId = ErrorIds.InvalidDuration,
                        Subject = "-Timeout",
                        Remedy = "Use a time greater than 0, or -1 for no limit.",
                    }
                    : Timeout.TimeSpan,
        };

    /// <summary>Runs one transfer and shows its progress until it ends.</summary>
    private protected void Transfer<T>(
        string image,
        string activity,
        Func<IProgress<ImageProgress>, CancellationToken, Task<T>> work,
        Action<T> done
    )
    {
        var progress = new TransferProgress(activity, this, Post);
        Do(image, cancellationToken => work(progress, cancellationToken), done);
    }
}
