using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Creates namespaces.</summary>
[Cmdlet(VerbsCommon.New, "CtrNamespace", SupportsShouldProcess = true)]
[OutputType(typeof(CtrNamespace))]
public sealed class NewCtrNamespaceCommand : DaemonCmdlet
{
    /// <summary>Specifies the names of the new namespaces.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Namespace")]
    [IdTransformation(typeof(CtrNamespace), "a namespace", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>
    /// Specifies labels, such as containerd.io/defaults/snapshotter=native. Specify a hashtable, or strings such as app=web; a text without
    /// = has an empty value, and containerd does not store such a label.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var namespaces = ResolveClient().Namespaces;
                if (ShouldProcess(name, "Make namespace"))
                    WriteObject(Await(cancellationToken => namespaces.CreateAsync(name, NewLabels(Label), cancellationToken)));
            });
        }
    }
}
