using System.Collections;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Starts a private containerd that is supervised and stops when this PowerShell exits.</summary>
[Cmdlet(VerbsLifecycle.Start, "CtrDaemon", SupportsShouldProcess = true)]
[OutputType(typeof(CtrDaemon))]
public sealed class StartCtrDaemonCommand : CtrCmdlet
{
    /// <summary>Specifies the name of the daemon, which must be unique on this machine. The default is a generated one.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>
    /// Specifies the data folder of the daemon, which is kept when the daemon stops. The default is a new folder that is removed when the
    /// daemon stops.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Specifies the containerd program to run: a path, or the name of a program.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ContainerdPath { get; set; }

    /// <summary>Specifies folders that come first in the daemon's PATH, so that their runc, crun, criu or shim is used.</summary>
    [Parameter]
    public string[]? SearchPath { get; set; }

    /// <summary>Specifies environment variables of the daemon, in addition to those of this PowerShell.</summary>
    [Parameter]
    public IDictionary? Environment { get; set; }

    /// <summary>Specifies a containerd configuration file (TOML, version 2) that the daemon's own configuration imports.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConfigPath { get; set; }

    /// <summary>
    /// Specifies how long to wait until the daemon answers: 10 (seconds), 1m30s; -1 means no limit. The default is 15 seconds.
    /// </summary>
    [Parameter]
    [PSDefaultValue(Help = "15s")]
    [SingleValue("1.5s")]
    public CtrDuration Timeout { get; set; } = new(15);

    /// <summary>Indicates that the daemon keeps running when this PowerShell exits.</summary>
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
