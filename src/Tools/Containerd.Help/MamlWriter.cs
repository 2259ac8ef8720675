using System.Globalization;
using System.Xml.Linq;

namespace Containerd.Help;

/// <summary>Writes cmdlets and their pages as MAML, the format of Get-Help.</summary>
internal sealed class MamlWriter(DocComments comments, string address)
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private const int MostValues = 8;

    // The engine's own parameters have no doc comment of ours.
    private static readonly Dictionary<string, string> EngineParameters = new()
    {
        ["WhatIf"] = "Says what would be done and does nothing.",
        ["Confirm"] = "Asks before each change.",
        ["SourceIdentifier"] = "The subscription's name, for Wait-Event, Get-Event and Unregister-Event; without it one is made up.",
        ["Action"] =
            "A script block that runs for each event, with $Event, $Sender and $EventArgs; without it the events wait in the queue "
            + "for Get-Event and Wait-Event.",
        ["MessageData"] = "Whatever the action is to find in $Event.MessageData.",
        ["SupportEvent"] = "Hides the subscription from Get-EventSubscriber, unless that has -Force.",
        ["Forward"] = "Sends the events to the session that this remote one or job belongs to.",
        ["MaxTriggerCount"] = "Ends the subscription after so many events; 0, the default, is for ever.",
    };

    public XDocument Document(IEnumerable<(CmdletFacts Cmdlet, HelpPage? Page)> cmdlets) =>
        new(new XElement(Help + "helpItems", new XAttribute("schema", "maml"), cmdlets.Select(item => Item(item.Cmdlet, item.Page))));

    private XElement Item(CmdletFacts cmdlet, HelpPage? page) =>
        new(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", cmdlet.Name),
                new XElement(Command + "verb", cmdlet.Verb),
                new XElement(Command + "noun", cmdlet.Noun),
                Description([page?.Synopsis ?? comments.Of(cmdlet.Type) ?? ""])
            ),
            Description(page?.Description ?? []),
            new XElement(
                Command + "syntax",
                cmdlet.ParameterSets.Select(set => new XElement(
                    Command + "syntaxItem",
                    new XElement(Maml + "name", cmdlet.Name),
                    set.Select(use => Parameter(use, page))
                ))
            ),
            new XElement(Command + "parameters", cmdlet.Parameters.Select(parameter => Parameter(cmdlet.Use(parameter), page))),
            new XElement(
                Command + "inputTypes",
                Inputs(cmdlet)
                    .Select(parameter => new XElement(
                        Command + "inputType",
                        TypeElement(parameter.TypeName),
                        Description(About(parameter, page))
                    ))
            ),
            new XElement(
                Command + "returnValues",
                cmdlet.Outputs.Select(type => new XElement(
                    Command + "returnValue",
                    TypeElement(type),
                    Description(comments.Of(type) is { } text ? [text] : [])
                ))
            ),
            new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page?.Notes ?? []))),
            new XElement(Command + "examples", (page?.Examples ?? []).Select(Example)),
            new XElement(Command + "relatedLinks", Links(cmdlet, page))
        );

    private static IEnumerable<ParameterFacts> Inputs(CmdletFacts cmdlet) =>
        cmdlet
            .Parameters.Where(parameter => cmdlet.ParameterSets.Any(set => set.Any(use => use.Parameter == parameter && use.ByValue)))
            .DistinctBy(parameter => parameter.TypeName);

    /// <summary>The description of a parameter: that of the page, or else that of the declaring class.</summary>
    private IEnumerable<string> About(ParameterFacts parameter, HelpPage? page)
    {
        var text = page is not null && page.Parameters.TryGetValue(parameter.Name, out var own) ? own : [Comment(parameter)];
        return parameter.Values.Count == 0
            ? text
            :
            [
                .. text,
                $"{(parameter.TypeName.EndsWith("[]", StringComparison.Ordinal) ? "Any" : "One")} of "
                    + $"{string.Join(", ", parameter.Values)}.",
            ];
    }

    private XElement Parameter(ParameterUse use, HelpPage? page)
    {
        var parameter = use.Parameter;
        var element = new XElement(
            Command + "parameter",
            new XAttribute("required", Truth(use.Mandatory)),
            new XAttribute("variableLength", Truth(use.Rest || parameter.TypeName.EndsWith("[]", StringComparison.Ordinal))),
            new XAttribute("globbing", Truth(parameter.Globbing)),
            new XAttribute(
                "pipelineInput",
                use switch
                {
                    { ByValue: true, ByName: true } => "True (ByValue, ByPropertyName)",
                    { ByValue: true } => "True (ByValue)",
                    { ByName: true } => "True (ByPropertyName)",
                    _ => "False",
                }
            ),
            new XAttribute("position", use.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            Description(About(parameter, page))
        );
        // With more values, they would dominate the syntax.
        if (parameter.Values.Count is > 0 and <= MostValues)
        {
            element.Add(
                new XElement(
                    Command + "parameterValueGroup",
                    parameter.Values.Select(value => new XElement(
                        Command + "parameterValue",
                        new XAttribute("required", "false"),
                        new XAttribute("variableLength", "false"),
                        value
                    ))
                )
            );
        }

        // A switch is recognized by the missing value.
        if (parameter.TypeName != "switch")
            element.Add(
                new XElement(
                    Command + "parameterValue",
                    new XAttribute("required", "true"),
                    new XAttribute("variableLength", "false"),
                    parameter.TypeName
                )
            );
        element.Add(TypeElement(parameter.TypeName));
        if (parameter.Default is { } value)
            element.Add(new XElement(Dev + "defaultValue", value));
        return element;
    }

    private string Comment(ParameterFacts parameter) =>
        (parameter.Property is { } property ? comments.Of(property) : null) ?? EngineParameters.GetValueOrDefault(parameter.Name) ?? "";

    private static XElement Example(HelpExample example, int index) =>
        new(
            Command + "example",
            new XElement(
                Maml + "title",
                string.Create(CultureInfo.InvariantCulture, $"--------- Example {index + 1}: {example.Title} ---------")
            ),
            new XElement(Dev + "code", example.Code),
            new XElement(Dev + "remarks", Paragraphs(example.Remarks))
        );

    private IEnumerable<XElement> Links(CmdletFacts cmdlet, HelpPage? page)
    {
        // Get-Help -Online, and the HelpUri of a command, use the first link with an address.
        yield return Link("Online version", $"{address}/{cmdlet.Name}.md");
        foreach (var link in page?.Links ?? [])
            yield return Link(link.Text, link.Address is { } address && address.Contains("://", StringComparison.Ordinal) ? address : null);
    }

    private static XElement Link(string text, string? address) =>
        new(Maml + "navigationLink", new XElement(Maml + "linkText", text), new XElement(Maml + "uri", address));

    private static XElement TypeElement(string name) => new(Dev + "type", new XElement(Maml + "name", name), new XElement(Maml + "uri"));

    private static XElement Description(IEnumerable<string> paragraphs) => new(Maml + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(text => new XElement(Maml + "para", text));

    private static string Truth(bool value) => value ? "true" : "false";
}
