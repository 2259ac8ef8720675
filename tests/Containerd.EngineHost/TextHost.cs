using System.Globalization;
using System.Management.Automation.Host;

namespace Containerd.EngineHost;

/// <summary>A host that shows everything as plain text: output on one writer, errors on another.</summary>
public sealed class TextHost(TextWriter output, TextWriter error, int width, bool terminal = false) : PSHost
{
    /// <summary>The argument of the script's <c>exit</c>; null without an exit.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Answers questions with the index of a choice instead of the user; null to read the console.</summary>
    public Func<string, int>? Choose
    {
        get => ((TextInterface)UI).Choose;
        set => ((TextInterface)UI).Choose = value;
    }

    public override string Name => "Containerd.EngineHost";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override PSHostUserInterface UI { get; } = new TextInterface(output, error, width, terminal);

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This host has no prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This host has no prompt.");

    public override void NotifyBeginApplication() { }

    public override void NotifyEndApplication() { }
}
