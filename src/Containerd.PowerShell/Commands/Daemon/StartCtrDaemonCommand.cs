using System.Collections;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Starts a private containerd, supervised, that ends with this PowerShell.</summary>
[Cmdlet(VerbsLifecycle.Start, "CtrDaemon", SupportsShouldProcess = true)]
[OutputType(typeof(CtrDaemon))]
public sealed class StartCtrDaemonCommand : CtrCmdlet
{
    /// <summary>The daemon's name, unique on this machine.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>The daemon's data folder, kept when it stops; without it a fresh one, removed when it stops.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The containerd to run: a path, or the name of a program.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContainerdPath { get; set; }

    /// <summary>Folders put first in the daemon's PATH, so that their runc, crun, criu or shim is used.</summary>
    [Parameter]
    public string[]? SearchPath { get; set; }

    /// <summary>Environment variables of the daemon, besides those of this PowerShell.</summary>
    [Parameter]
    public IDictionary? Environment { get; set; }

    /// <summary>A containerd configuration file (TOML, version 2) that the daemon's own imports.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>How long the daemon may take until it answers: 10 (seconds), 1m30s; -1 for no limit. The default is 15 seconds.</summary>
    [Parameter]
    [PSDefaultValue(Help = "15s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(15);

    /// <summary>The daemon goes on when this PowerShell ends.</summary>
    [Parameter]
    public SwitchParameter Detached { get; set; }

    protected override void ProcessRecord() => Try(Name, () =>
        {
            var options = new CtrDaemonOptions
            {
                Name = Name,
                Path = Path is null ? null : ResolvePath(Path),
                ContainerdPath =
                    ContainerdPath?.Contains('/', StringComparison.Ordinal) == true ? ResolvePath(ContainerdPath) : ContainerdPath,
                SearchPath = [.. (SearchPath ?? []).Select(ResolvePath)],
                ConfigPath = ConfigPath is null ? null : ResolvePath(ConfigPath),
                Detached = Detached,
                Timeout = Timeout.TimeSpan,
            };
            if (Environment is not null)
                options.Environment = Environment
                    .Cast<DictionaryEntry>()
                    .ToDictionary(
                        entry => EnvironmentArgument.RequireName(TableText.Of(entry.Key)!),
                        entry => TableText.Of(entry.Value, $"{entry.Key}") ?? ""
                    );
            if (ShouldProcess(Name ?? "a private containerd", "Start"))
                WriteObject(Await(cancellationToken => CtrDaemons.StartAsync(options, cancellationToken)));
        });
}
