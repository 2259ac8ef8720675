using System.Reflection;
using Containerd.Client.Transport;
using Google.Protobuf.Reflection;

namespace Containerd.Client.Tests.Rpc;

/// <summary>Every call has a kind, which decides how long it may take and whether it may be cancelled.</summary>
public sealed class CallKindTests
{
    private static IEnumerable<MethodDescriptor> Generated { get; } =
    [
        .. typeof(ContainerdClient)
            .Assembly.GetTypes()
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as ServiceDescriptor)
            .Where(service => service is not null)
            .SelectMany(service => service!.Methods),
    ];

    [Fact]
    public void The_table_contains_every_method_of_the_generated_stubs_and_no_other()
    {
        var generated = Generated.Select(Name).ToList();
        Assert.True(generated.Count > 60, $"Only {generated.Count} methods were found.");
        Assert.Equal(generated.Order(StringComparer.Ordinal), CallKinds.Methods.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Reading_calls_are_of_the_kind_Read_and_streamed_calls_have_no_deadline()
    {
        foreach (var method in Generated)
        {
            var kind = CallKinds.Of(new NamedMethod(Name(method)));
            if (method.IsClientStreaming)
                // A write of content leaves an unfinished write; the streams of a transfer end with the call.
                Assert.Equal(method.Name == "Write" ? CallKind.ChangeStream : CallKind.Stream, kind);
            else if (method.IsServerStreaming)
                Assert.Contains(kind, new[] { CallKind.Read, CallKind.Stream });
            // A call that changes something must never be canceled on the wire. Each call counts as one unless it is known to only read.
            string[] reads =
            [
                "Get",
                "List",
                "ListStream",
                "ListPids",
                "ListResources",
                "ListStatuses",
                "Info",
                "Stat",
                "Status",
                "Mounts",
                "Metrics",
                "Read",
                "Plugins",
                "PluginInfo",
                "Server",
                "Version",
                "Usage",
            ];
            Assert.Equal(reads.Contains(method.Name), kind is CallKind.Read or CallKind.SlowRead);
        }
    }

    private static string Name(MethodDescriptor method) => $"/{method.Service.FullName}/{method.Name}";

    private sealed class NamedMethod(string fullName) : Grpc.Core.IMethod
    {
        public Grpc.Core.MethodType Type => Grpc.Core.MethodType.Unary;

        public string ServiceName => fullName.Split('/')[1];

        public string Name => fullName.Split('/')[2];

        public string FullName => fullName;
    }
}
