using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;
using Containerd.EngineHost;

namespace Containerd.Testing;

/// <summary>The PowerShell engine with the built module imported, as a user's session has it. Runs one script at a time.</summary>
public sealed class Engine : IDisposable
{
    private readonly StringBuilder _shown = new();

    public Engine()
        : this(Width) { }

    public Engine(int width)
    {
        var writer = new StringWriter(_shown);
        Host = new TextHost(writer, writer, width);
        Runspace = EngineSession.Open(Host, Path.GetDirectoryName(Repository.Module)!);
        Require("Import-Module Containerd -ErrorAction Stop");
    }

    /// <summary>How many columns <see cref="Display"/> has by default.</summary>
    public const int Width = 100;

    public Runspace Runspace { get; }

    public TextHost Host { get; }

    /// <summary>What the host has shown since the last <see cref="Display"/>.</summary>
    public string Shown => _shown.ToString();

    /// <summary>Runs a script; what goes wrong in it is in the answer.</summary>
    public Invocation Invoke(string script, params object?[] input) => Start(script, input).Wait();

    /// <summary>Runs a script that has to succeed, and gives its output.</summary>
    public IReadOnlyList<PSObject> Require(string script, params object?[] input)
    {
        var done = Invoke(script, input);
        if (done.Exception is not null)
            throw new InvalidOperationException($"{script}: {done.Exception.Message}", done.Exception);
        return done.Errors.Count == 0
            ? done.Output
            : throw new InvalidOperationException($"{script}: {string.Join("; ", done.Errors)}", done.Errors[0].Exception);
    }

    /// <summary>Runs a script that has to succeed and give one object, of this type.</summary>
    public T Require<T>(string script, params object?[] input)
    {
        var output = Require(script, input);
        return output is [{ BaseObject: T value }]
            ? value
            : throw new InvalidOperationException(
                $"{script}: not one {typeof(T).Name}, but {output.Count} of {string.Join(", ", output.Select(item => item?.BaseObject.GetType().Name))}"
            );
    }

    /// <summary>Starts a script, for a test that stops it or looks at its output meanwhile.</summary>
    public Running Start(string script, params object?[] input)
    {
        var shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        return new Running(shell, input);
    }

    /// <summary>Runs a script and gives what a user would see: output in its views, errors, warnings, and what the host shows.</summary>
    public string Display(string script)
    {
        _shown.Clear();
        using var shell = PowerShell.Create(Runspace);
        shell.AddScript(script);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        try
        {
            shell.Invoke();
        }
        catch (RuntimeException exception)
        {
            EngineSession.Show(Runspace, exception.ErrorRecord);
        }

        return _shown.ToString();
    }

    /// <summary>The completions of a command line at its end.</summary>
    public IReadOnlyList<CompletionResult> Complete(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        using var shell = PowerShell.Create(Runspace);
        return CommandCompletion.CompleteInput(line, line.Length, [], shell).CompletionMatches;
    }

    public void Dispose() => Runspace.Dispose();
}
