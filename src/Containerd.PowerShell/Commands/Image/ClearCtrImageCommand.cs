using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes images that no container uses.</summary>
[Cmdlet(VerbsCommon.Clear, "CtrImage", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CtrImageCleanup))]
public sealed class ClearCtrImageCommand : SessionCmdlet
{
    /// <summary>Specifies the images, by full or short name; wildcards are permitted. By default, all unused images are removed.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>
    /// Specifies a minimum age. Only images whose names were created, pulled or changed longer ago than this are removed: 90m, 24h, 7d, or
    /// a number of seconds.
    /// </summary>
    [Parameter]
    [SingleValue("1.5s")]
    public CtrDuration OlderThan { get; set; }

    /// <summary>
    /// Specifies labels (of the name in containerd) that the images have, all of them. Specify a hashtable, or strings such as app=web; a
    /// text without = matches any value, and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies labels that exclude an image: one of them is enough. Specify a hashtable, or strings such as app=web; a string without =
    /// matches any value, and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? ExceptLabel { get; set; }

    protected override void ProcessRecord() => TryPerSession(null, () =>
        {
            var age = this.AgeIfGiven(OlderThan, "images");
            var ns = Resolve();
            var names = Name.Select(ImageNames.Named).ToList();
            var options = new ImageCleanupOptions
            {
                Names = name => names.Exists(n => n(name)),
                Filter = new StoreFilter { Labels = Label is null ? null : StringMap.Filter(Label), Matches = Matches },
                Spare = ExceptLabel is null
                    ? null
                    : labels =>
                        StringMap
                            .Filter(ExceptLabel)
                            .Any(spared => labels.TryGetValue(spared.Key, out var value) && Matches(spared.Value, value)),
                OlderThan = age,
            };
            var (unused, used) = Await(cancellationToken => ns.Images.UnusedAsync(options, cancellationToken));
            WriteVerbose($"Found {unused.Count} unused images in namespace {ns.Namespace}, and {used.Count} that containers use.");
            var chosen = unused.Where(name => ShouldProcess($"{name} ({ns.Namespace})", "Remove unused image")).ToList();
            // The user answered no, so nothing was done and there is nothing to report.
            if (chosen.Count == 0 && (unused.Count > 0 || this.IsWhatIf()))
                return;
            var cleanup = AwaitShown($"Clearing {ns.Namespace}", (progress, cancellationToken) =>
                ns.Images.ClearAsync(chosen, progress, cancellationToken)
            );
            cleanup.InUse = [.. used];
            WriteVerbose(
                $"Removed {cleanup.Removed.Length} images{(cleanup.Freed is { } freed ? $"; freed {ViewText.Size(freed)}" : "")}."
            );
            WriteObject(cleanup);
        });

    private static bool Matches(string wanted, string value) => NamePattern.Get(wanted, WildcardOptions.None).IsMatch(value);
}
