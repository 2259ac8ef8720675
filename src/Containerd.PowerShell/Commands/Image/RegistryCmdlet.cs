using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>What Receive-CtrImage and Send-CtrImage share: how a registry is reached.</summary>
public abstract class RegistryCmdlet : SessionCmdlet, IThrottled
{
    /// <summary>
    /// Specifies the credentials for the image's registry; they are not sent to mirrors. By default, the login is used that
    /// Connect-CtrRegistry or 'docker login' stored.
    /// </summary>
    [Parameter]
    [Credential]
    public PSCredential? Credential { get; set; }

    /// <summary>Speaks to the registry without TLS. One on this machine (localhost:5000) needs no such word.</summary>
    [Parameter]
    public SwitchParameter PlainHttp { get; set; }

    /// <summary>Accepts any certificate.</summary>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>PEM files with authorities to trust besides the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CaCertificatePath { get; set; } = [];

    /// <summary>A certificate with its key, to show to the registry.</summary>
    [Parameter]
    [ValidateNotNull]
    public X509Certificate2? Certificate { get; set; }

    /// <summary>
    /// A folder laid out as /etc/containerd/certs.d: for each registry a folder with hosts.toml. Without it that one, if it is there.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HostsDirectory { get; set; }

    /// <summary>
    /// How long the registry may be silent at any step: 30 (seconds), 500ms, 1m30s; -1 for no limit. The default is 30 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "30s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(30);

    /// <summary>
    /// How many images are worked on at a time. With 1, the default, one comes after the other; above that results come as they are there.
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
                    ? throw new CtrArgumentException("No registry answers in no time.")
                    {
                        ErrorId = ErrorIds.InvalidDuration,
                        Subject = "-Timeout",
                        Remedy = "Give -Timeout a time above 0, or -1 for no limit.",
                    }
                    : Timeout.TimeSpan,
        };

    /// <summary>Does one transfer with its progress shown, and taken away at the end.</summary>
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
