using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the plugins of a daemon.</summary>
[Cmdlet(VerbsCommon.Get, "CtrPlugin")]
[OutputType(typeof(CtrPlugin))]
public sealed class GetCtrPluginCommand : DaemonCmdlet
{
    /// <summary>
    /// Specifies the ids of plugins, such as overlayfs, or types and ids, such as io.containerd.snapshotter.v1.overlayfs; wildcards are
    /// permitted. By default, all plugins are returned.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [IdTransformation(typeof(CtrPlugin), "a plugin", "Id")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PluginCompleter))]
    [PSDefaultValue(Help = "*")]
    public string[] Id { get; set; } = ["*"];

    /// <summary>
    /// Specifies the types of plugins, such as io.containerd.snapshotter.v1; wildcards are permitted, such as *snapshotter*.
    /// </summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PluginTypeCompleter))]
    public string[]? Type { get; set; }

    /// <summary>Specifies the states of the plugins to return.</summary>
    [Parameter]
    public CtrPluginState[]? State { get; set; }

    /// <summary>
    /// Specifies filters in containerd's filter syntax, such as type==io.containerd.snapshotter.v1. Plugins that match any of them are
    /// returned.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            TryPerSession(id, () =>
            {
                var client = ResolveClient();
                var plugins = Await(cancellationToken => client.Plugins.ListAsync(Filter, cancellationToken));
                var found = plugins.Where(p => Matches(id, p.Id) || Matches(id, p.ToString())).ToList();
                if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(id))
                    throw new CtrNotFoundException($"The daemon has no plugin '{id}'.")
                    {
                        ErrorId = ErrorIds.PluginNotFound,
                        Subject = id,
                        Remedy = "Get-CtrPlugin without a name lists all plugins.",
                    };
                WriteObject(
                    found.Where(p => (Type is null || Type.Any(t => Matches(t, p.Type))) && State?.Contains(p.State) != false),
                    enumerateCollection: true
                );
            });
        }
    }

    private static bool Matches(string pattern, string text) => NamePattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(text);
}
