using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the runtimes that are available for tasks.</summary>
[Cmdlet(VerbsCommon.Get, "CtrRuntime")]
[OutputType(typeof(CtrRuntime))]
public sealed class GetCtrRuntimeCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies the runtimes, such as io.containerd.runc.v2, runc or crun, or the path of a shim; wildcards are permitted. By default, all
    /// available runtimes are returned.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(RuntimeCompleter))]
    [IdTransformation(typeof(CtrRuntime), "a runtime", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var ns = Resolve();
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    WriteObject(Await(cancellationToken => ns.Client.Runtimes.GetAsync(name, ns.Namespace, cancellationToken)));
                    return;
                }

                var pattern = NamePattern.Get(name, WildcardOptions.IgnoreCase);
                WriteObject(
                    Await(cancellationToken => ns.Client.Runtimes.ListAsync(ns.Namespace, cancellationToken))
                        .Where(r => pattern.IsMatch(r.Name)),
                    enumerateCollection: true
                );
            });
        }
    }
}
