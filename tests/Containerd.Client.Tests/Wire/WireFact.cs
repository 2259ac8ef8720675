using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Wire;

/// <summary>
/// One thing that a .proto file lays down about the wire. Two facts of one scope that share their name or their number are
/// about the same thing, and their texts say whether they agree.
/// </summary>
/// <param name="Scope">The message, enum or service, by its full name.</param>
/// <param name="Name">The field's, value's or method's name; empty for the scope itself.</param>
/// <param name="Number">The field's or value's number, if it has one.</param>
/// <param name="Text">All of it, as a declaration would put it.</param>
internal sealed record WireFact(string Scope, string Name, int? Number, string Text)
{
    /// <summary>
    /// Messages that we call otherwise, by containerd's name. A message's name is on the wire only inside an Any, where none
    /// of these goes.
    /// </summary>
    private static readonly Dictionary<string, string> Renamed = new()
    {
        // Does not compile in C# under its own name.
        ["containerd.types.Descriptor"] = "containerd.types.ContentDescriptor",
        // Where it was before containerd 2.0.
        ["containerd.services.events.v1.Envelope"] = "containerd.types.Envelope",
    };

    public bool SameThing(WireFact other) => Scope == other.Scope && (Name == other.Name || (Number is not null && Number == other.Number));

    public static IReadOnlyList<WireFact> Of(FileDescriptorProto file)
    {
        var facts = new List<WireFact>();
        foreach (var service in file.Service)
            AddService(facts, FullName(file.Package, service.Name), service);
        foreach (var message in file.MessageType)
            AddMessage(facts, file, FullName(file.Package, message.Name), message);
        foreach (var type in file.EnumType)
            AddEnum(facts, FullName(file.Package, type.Name), type);
        return facts;
    }

    private static void AddService(List<WireFact> facts, string scope, ServiceDescriptorProto service)
    {
        facts.Add(new WireFact(scope, "", null, "service"));
        foreach (var method in service.Method)
        {
            var text =
                $"rpc {method.Name}({Stream(method.ClientStreaming)}{TypeName(method.InputType)})"
                + $" returns ({Stream(method.ServerStreaming)}{TypeName(method.OutputType)})";
            facts.Add(new WireFact(scope, method.Name, null, text));
        }
    }

    private static void AddMessage(List<WireFact> facts, FileDescriptorProto file, string scope, DescriptorProto message)
    {
        // The syntax decides whether repeated numbers are packed. A map is a repeated message with a mark.
        var kind = message.Options?.MapEntry == true ? "map entry" : "message";
        facts.Add(new WireFact(scope, "", null, $"{file.Syntax} {kind}"));
        foreach (var field in message.Field)
        {
            var type = field.Type is FieldDescriptorProto.Types.Type.Message or FieldDescriptorProto.Types.Type.Enum
                ? TypeName(field.TypeName)
                : field.Type.ToString();
            var oneof = field.HasOneofIndex ? $" in oneof {message.OneofDecl[field.OneofIndex].Name}" : "";
            var packed = field.Options?.HasPacked == true ? $" [packed = {field.Options.Packed}]" : "";
            var text = $"{field.Label} {type} {field.Name} = {field.Number}{packed}{oneof}";
            facts.Add(new WireFact(scope, field.Name, field.Number, text));
        }

        foreach (var nested in message.NestedType)
            AddMessage(facts, file, FullName(scope, nested.Name), nested);
        foreach (var type in message.EnumType)
            AddEnum(facts, FullName(scope, type.Name), type);
    }

    private static void AddEnum(List<WireFact> facts, string scope, EnumDescriptorProto type)
    {
        facts.Add(new WireFact(scope, "", null, "enum"));
        foreach (var value in type.Value)
        {
            facts.Add(new WireFact(scope, value.Name, value.Number, $"{value.Name} = {value.Number}"));
        }
    }

    private static string Stream(bool streaming) => streaming ? "stream " : "";

    private static string TypeName(string reference) => Rename(reference.TrimStart('.'));

    private static string FullName(string parent, string name) => Rename($"{parent}.{name}");

    private static string Rename(string name)
    {
        foreach (var (theirs, ours) in Renamed)
        {
            // What is nested in a renamed message moves with it.
            if (name == theirs || name.StartsWith($"{theirs}.", StringComparison.Ordinal))
                return ours + name[theirs.Length..];
        }

        return name;
    }
}
