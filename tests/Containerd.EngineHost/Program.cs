using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Containerd.EngineHost;

var prompt = args is ["-Prompt", ..];
if ((prompt ? args[1..] : args) is not [var script, .. var rest])
{
    Console.Error.WriteLine("usage: Containerd.EngineHost [-Prompt] SCRIPT.ps1 [ARGUMENT…]");
    return 2;
}

var modules = Environment.GetEnvironmentVariable("CONTAINERD_MODULES") ?? Path.Combine(RepositoryRoot(), "out");
var width = Console.IsOutputRedirected ? 100 : Math.Max(Console.BufferWidth, 40);
var host = new TextHost(Console.Out, Console.Error, width, terminal: !Console.IsOutputRedirected);
using var runspace = EngineSession.Open(host, modules);

PowerShell? running = null;
var stopping = false;
Console.CancelKeyPress += (_, pressed) =>
{
    // The second one ends the process.
    pressed.Cancel = prompt || !stopping;
    stopping = true;
    running?.BeginStop(null, null);
};

// Parameters are passed unchanged, and all other arguments literally. A script that exits with a code other than 0 sets $? to false.
static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
var words = rest.Select(word => word is ['-', var first, ..] && char.IsLetter(first) ? word : Quote(word));
var code = Run(
    $"{(prompt ? '.' : '&')} {Quote(Path.GetFullPath(script))} {string.Join(' ', words)}\nif (-not $?) {{ exit $LASTEXITCODE }}"
);
while (prompt && host.ExitCode is null)
{
    Console.Write("PS> ");
    if (Console.ReadLine() is not string line)
        break;
    Run(line);
    // After the text that Ctrl+C left in the line.
    if (stopping)
        Console.WriteLine();
}

return host.ExitCode ?? code;

int Run(string text)
{
    stopping = false;
    using var shell = PowerShell.Create(runspace);
    shell.AddScript(text);
    shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
    shell.AddCommand("Out-Default");
    running = shell;
    try
    {
        shell.Invoke();
        return stopping ? 130 : 0;
    }
    catch (PipelineStoppedException)
    {
        return 130;
    }
    catch (RuntimeException exception)
    {
        EngineSession.Show(runspace, exception.ErrorRecord);
        return 1;
    }
    finally
    {
        running = null;
    }
}

static string RepositoryRoot()
{
    for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
    {
        if (File.Exists(Path.Combine(folder.FullName, "Containerd.slnx")))
            return folder.FullName;
    }

    return AppContext.BaseDirectory;
}
