using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Logs in to a registry and stores the credentials.</summary>
[Cmdlet(VerbsCommunications.Connect, "CtrRegistry", SupportsShouldProcess = true)]
[OutputType(typeof(CtrRegistryLogin))]
public sealed class ConnectCtrRegistryCommand : CtrCmdlet
{
    /// <summary>
    /// Specifies the registry as image names have it, such as registry.example.com:5000. The default is docker.io, which is Docker Hub.
    /// </summary>
    [Parameter(Position = 0)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(RegistryCompleter))]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "docker.io")]
    public string Registry { get; set; } = "docker.io";

    /// <summary>
    /// Specifies the user name and the password. If you enter a user name, PowerShell asks for the password. For an identity token, use the
    /// user name &lt;token&gt;.
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Credential]
    [ValidateNotNull]
    public PSCredential Credential { get; set; } = null!;

    /// <summary>
    /// Indicates that the registry is used without TLS. A registry on this machine (localhost:5000) does not need this switch.
    /// </summary>
    [Parameter]
    public SwitchParameter PlainHttp { get; set; }

    /// <inheritdoc cref="RegistryCmdlet.SkipCertificateCheck"/>
    [Parameter]
    public SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Specifies PEM files with authorities to trust in addition to the system's.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] CaCertificatePath { get; set; } = [];

    /// <inheritdoc cref="RegistryCmdlet.HostsDirectory"/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HostsDirectory { get; set; }

    protected override void ProcessRecord() => Try(Registry, () =>
        {
            var name = RegistryLogins.Normalize(Registry);
            if (!ShouldProcess(name, $"Log in as {Credential.UserName}"))
                return;
            var options = new RegistryOptions
            {
                Credential = Credential.GetNetworkCredential(),
                PlainHttp = PlainHttp,
                SkipCertificateCheck = SkipCertificateCheck,
                CaCertificates = ResolveFiles(CaCertificatePath, literal: false),
                HostsDirectory = HostsDirectory is null ? null : ResolvePath(HostsDirectory),
            };
            WriteObject(
                Await(cancellationToken =>
                    RegistryLogins.AddAsync(name, options, text => Post(() => WriteWarning(text)), cancellationToken)
                )
            );
        });
}
