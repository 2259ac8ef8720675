using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Opens a session to a containerd daemon; it becomes the runspace's default.</summary>
[Cmdlet(VerbsCommunications.Connect, "CtrSession")]
[Alias("Connect-Ctr")]
[OutputType(typeof(CtrSession))]
public sealed class ConnectCtrSessionCommand : CtrCmdlet
{
    /// <summary>The daemon's address: unix:///path, a socket's absolute path, npipe:////./pipe/name, http(s)://host.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>The containerd namespace for cmdlets that name none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Namespace { get; set; }

    /// <summary>A name for the session.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>How long the daemon may take to answer: 10 (seconds), 500ms; 10 seconds without it.</summary>
    [Parameter]
    public CtrDuration? Timeout { get; set; }

    protected override void ProcessRecord() => Try(Address, () =>
    {
        var options = new ConnectOptions { Address = Address, Namespace = Namespace, Name = Name, Timeout = Timeout?.TimeSpan ?? TimeSpan.FromSeconds(10) };
        var client = Await(cancellation => ContainerdClient.ConnectAsync(options, cancellation));
        try
        {
            SessionRegistry.Add(RunspaceScope.Current, client);
        }
        catch
        {
            client.Dispose();
            throw;
        }

        WriteObject(client.Session);
    });
}
