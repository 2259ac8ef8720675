using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Makes namespaces. It is seldom needed, since whatever is first made in a namespace makes it too; but so it can have labels before.</summary>
[Cmdlet(VerbsCommon.New, "CtrNamespace", SupportsShouldProcess = true)]
[OutputType(typeof(CtrNamespace))]
public sealed class NewCtrNamespaceCommand : DaemonCmdlet
{
    /// <summary>Their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [Alias("Namespace")]
    [IdTransformation(typeof(CtrNamespace), "a namespace", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Labels, such as @{ 'containerd.io/defaults/snapshotter' = 'native' }.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var namespaces = ResolveClient().Namespaces;
                if (ShouldProcess(name, "Make namespace"))
                    WriteObject(Await(cancellation => namespaces.NewAsync(name, StringMap.From(Label), cancellation)));
            });
        }
    }
}
