using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Wire;

/// <summary>The comparison itself notices whatever would be different on the wire.</summary>
public sealed class WireComparisonTests
{
    private static readonly Dictionary<string, Action<FileDescriptorProto>> Changes = new()
    {
        ["the package"] = file => file.Package = "containerd.services.snapshots.v2",
        ["the syntax"] = file => file.Syntax = "proto2",
        ["a service's name"] = file => file.Service[0].Name = "Snapshotters",
        ["a method's name"] = file => Method(file, "Stat").Name = "Status",
        ["a method's request"] = file => Method(file, "Stat").InputType = ".containerd.services.snapshots.v1.UsageRequest",
        ["a method's response"] = file => Method(file, "Stat").OutputType = ".google.protobuf.Empty",
        ["a method's stream of requests"] = file => Method(file, "Stat").ClientStreaming = true,
        ["a method's stream of responses"] = file => Method(file, "List").ServerStreaming = false,
        ["a new method"] = file => file.Service[0].Method.Add(new MethodDescriptorProto { Name = "Flatten" }),
        ["a message's name"] = file => Message(file, "Info").Name = "Information",
        ["a new message"] = file => file.MessageType.Add(new DescriptorProto { Name = "Empty" }),
        ["a field's name"] = file => Field(file, "Info", "parent").Name = "parents",
        ["a field's number"] = file => Field(file, "Info", "parent").Number = 12,
        ["a field's type"] = file => Field(file, "UsageResponse", "size").Type = FieldDescriptorProto.Types.Type.Uint64,
        ["a field's message"] = file => Field(file, "Info", "created_at").TypeName = ".google.protobuf.Duration",
        ["a field's label"] = file => Field(file, "Info", "parent").Label = FieldDescriptorProto.Types.Label.Repeated,
        ["a field's packing"] = file => Field(file, "UsageResponse", "size").Options = new FieldOptions { Packed = false },
        ["a field's oneof"] = file =>
        {
            Message(file, "Info").OneofDecl.Add(new OneofDescriptorProto { Name = "origin" });
            Field(file, "Info", "parent").OneofIndex = 0;
        },
        ["two numbers exchanged"] = file =>
        {
            Field(file, "Info", "name").Number = 2;
            Field(file, "Info", "parent").Number = 1;
        },
        ["a new field"] = file => Message(file, "Info").Field.Add(new FieldDescriptorProto { Name = "comment", Number = 99 }),
        ["a map that is a list"] = file => Message(file, "Info").NestedType[0].Options.MapEntry = false,
        ["a map's value"] = file => Message(file, "Info").NestedType[0].Field[1].Type = FieldDescriptorProto.Types.Type.Bytes,
        ["an enum's name"] = file => file.EnumType[0].Name = "Kinds",
        ["an enum value's name"] = file => file.EnumType[0].Value[1].Name = "READONLY",
        ["an enum value's number"] = file => file.EnumType[0].Value[1].Number = 7,
    };

    public static TheoryData<string> ChangeNames => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(ChangeNames))]
    public void A_change_is_a_difference(string change)
    {
        var changed = Snapshots();
        Changes[change](changed);
        Assert.NotEmpty(new WireComparison([new PackagedProto("original", Snapshots())]).Differences(changed));
    }

    [Fact]
    public void A_file_is_equal_to_itself() =>
        Assert.Empty(new WireComparison([new PackagedProto("original", Snapshots())]).Differences(Snapshots()));

    [Fact]
    public void Ignored_parts_are_not_a_difference()
    {
        var newer = Snapshots();
        Message(newer, "Info").Field.Add(new FieldDescriptorProto { Name = "comment", Number = 99 });
        Assert.Empty(new WireComparison([new PackagedProto("newer", newer)]).Differences(Snapshots()));
    }

    [Fact]
    public void A_feature_that_an_older_version_lacks_is_not_a_difference()
    {
        var older = Snapshots();
        Message(older, "Info").Field.RemoveAt(0);
        Assert.Empty(
            new WireComparison([new PackagedProto("older", older), new PackagedProto("newer", Snapshots())]).Differences(Snapshots())
        );
    }

    [Fact]
    public void A_change_between_versions_is_a_difference()
    {
        var other = Snapshots();
        Field(other, "Info", "parent").Number = 12;
        var comparison = new WireComparison([new PackagedProto("newer", Snapshots()), new PackagedProto("older", other)]);
        var difference = Assert.Single(comparison.Differences(Snapshots()));
        Assert.Equal(
            "containerd.services.snapshots.v1.Info: ours is \"Optional String parent = 2\", older has \"Optional String parent = 12\"",
            difference
        );
    }

    private static FileDescriptorProto Snapshots() => WireContract.File("services/snapshots/v1/snapshots.proto").Clone();

    private static MethodDescriptorProto Method(FileDescriptorProto file, string name) =>
        file.Service[0].Method.Single(method => method.Name == name);

    private static DescriptorProto Message(FileDescriptorProto file, string name) =>
        file.MessageType.Single(message => message.Name == name);

    private static FieldDescriptorProto Field(FileDescriptorProto file, string message, string name) =>
        Message(file, message).Field.Single(field => field.Name == name);
}
