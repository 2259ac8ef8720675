using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Containerd.EngineHost;

/// <summary>
/// The streams of a <see cref="TextHost"/>. Answers to questions are read from standard input; without one, the defaults are used.
/// </summary>
internal sealed class TextInterface(TextWriter output, TextWriter error, int width, bool terminal) : PSHostUserInterface
{
    public override PSHostRawUserInterface RawUI { get; } = new TextScreen(width);

    internal Func<string, int>? Choose { get; set; }

    public override bool SupportsVirtualTerminal => terminal;

    public override void Write(string value) => Put(output, value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Put(output, value);

    public override void WriteLine(string value) => Put(output, value + Environment.NewLine);

    public override void WriteErrorLine(string value) => Put(error, value + Environment.NewLine);

    public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

    public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

    public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record) { }

    public override string ReadLine() => Console.In.ReadLine() ?? "";

    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException("This host reads no secrets.");

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        var answers = new Dictionary<string, PSObject>();
        foreach (var field in descriptions)
        {
            Write($"{field.Name}: ");
            answers[field.Name] = PSObject.AsPSObject(ReadLine());
        }

        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        if (Choose is not null)
            return Choose(message);
        WriteLine(caption);
        WriteLine(message);
        WriteLine(
            string.Join("  ", choices.Select(choice => $"[{Key(choice)}] {choice.Label.Replace("&", "", StringComparison.Ordinal)}"))
        );
        var answer = ReadLine().Trim();
        var chosen = choices.ToList().FindIndex(choice => Key(choice).Equals(answer, StringComparison.OrdinalIgnoreCase));
        return chosen >= 0 ? chosen : defaultChoice;
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw new NotSupportedException("This host reads no secrets.");

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options
    ) => throw new NotSupportedException("This host reads no secrets.");

    private static string Key(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label.Substring(mark + 1, 1) : choice.Label;
    }

    // Pipelines of several runspaces may share a host, and a cmdlet's own threads may write while the pipeline's does.
    private void Put(TextWriter writer, string text)
    {
        lock (this)
        {
            writer.Write(GetOutputString(text, terminal));
            writer.Flush();
        }
    }
}
