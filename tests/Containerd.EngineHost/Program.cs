using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.EngineHost;

if (args is not [var script, .. var rest])
{
    Console.Error.WriteLine("usage: Containerd.EngineHost SCRIPT.ps1 [ARGUMENT…]");
    return 2;
}

var modules = Environment.GetEnvironmentVariable("CONTAINERD_MODULES") ?? Path.Combine(RepositoryRoot(), "out");
var width = Console.IsOutputRedirected ? 100 : Math.Max(Console.BufferWidth, 40);
var host = new TextHost(Console.Out, Console.Error, width, terminal: !Console.IsOutputRedirected);
using var runspace = EngineSession.Open(host, modules);
using var shell = PowerShell.Create(runspace);

// Parameters stand as they are, everything else is taken literally. A script that ends by exit with another code than 0 leaves $? false.
static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
var words = rest.Select(word => word is ['-', var first, ..] && char.IsLetter(first) ? word : Quote(word));
shell.AddScript($"& {Quote(Path.GetFullPath(script))} {string.Join(' ', words)}\nif (-not $?) {{ exit $LASTEXITCODE }}");
shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
shell.AddCommand("Out-Default");

var stopping = false;
Console.CancelKeyPress += (_, pressed) =>
{
    // The second one ends the process.
    pressed.Cancel = !stopping;
    stopping = true;
    shell.BeginStop(null, null);
};

try
{
    shell.Invoke();
    return host.ExitCode ?? (stopping ? 130 : 0);
}
catch (PipelineStoppedException)
{
    return host.ExitCode ?? 130;
}
catch (RuntimeException exception)
{
    EngineSession.Show(runspace, exception.ErrorRecord);
    return 1;
}

static string RepositoryRoot()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "Containerd.slnx"))) return folder.FullName;
    }

    return AppContext.BaseDirectory;
}
