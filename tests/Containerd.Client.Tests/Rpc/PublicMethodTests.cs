using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Containerd.Host;
using Containerd.Oci;
using Grpc.Core;

namespace Containerd.Client.Tests.Rpc;

/// <summary>Each failure of a public method is an error of this library, whatever its cause.</summary>
public sealed class PublicMethodTests
{
    public static TheoryData<string> Odd { get; } =
    [
        "NullReference",
        "InvalidCast",
        "KeyNotFound",
        "IndexOutOfRange",
        "ArgumentOutOfRange",
        "IO",
        "Socket",
        "OutOfMemory",
        "Format",
        "Overflow",
        "Protobuf",
        "NotSupported",
        "Rpc",
        "Aggregate",
    ];

    private static IEnumerable<Type> PublicTypes { get; } =
    [
        .. new[] { typeof(ContainerdClient), typeof(ProcessIo), typeof(RegistryOptions) }.SelectMany(type =>
            type.Assembly.GetExportedTypes()
        ),
    ];

    private static IEnumerable<MethodInfo> Methods { get; } =
    [
        .. PublicTypes
            .SelectMany(type =>
                type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            )
            .Where(method => !method.IsSpecialName && typeof(Task).IsAssignableFrom(method.ReturnType)),
    ];

    [Fact]
    public void Every_public_method_that_returns_a_task_has_the_outer_mapping()
    {
        var methods = Methods.ToList();
        Assert.True(methods.Count > 100, $"Only {methods.Count} methods were found.");
        // A delegate's own Invoke only calls; and a public method has the mapping by its attribute:
        // [AsyncMethodBuilder(typeof(GuardedTask<>))], or GuardedTask.
        var without = methods.Where(m =>
            !typeof(Delegate).IsAssignableFrom(m.DeclaringType)
            && m.GetCustomAttribute<AsyncMethodBuilderAttribute>()?.BuilderType.Name.StartsWith("GuardedTask", StringComparison.Ordinal)
                != true
        );
        Assert.Empty(without.Select(m => $"{m.DeclaringType!.Name}.{m.Name}"));
    }

    [Fact]
    public void Every_public_method_that_returns_a_value_task_or_a_sequence_has_it_too()
    {
        var members = PublicTypes
            .Where(type => !typeof(Stream).IsAssignableFrom(type))
            .SelectMany(type =>
                type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            )
            .Where(method => !typeof(Delegate).IsAssignableFrom(method.DeclaringType) && method.ReturnType.Namespace is not null)
            .ToList();
        var valueTasks = members
            .Where(m =>
                m.ReturnType == typeof(ValueTask)
                || (m.ReturnType.IsGenericType && m.ReturnType.GetGenericTypeDefinition() == typeof(ValueTask<>))
            )
            .ToList();
        Assert.Contains(valueTasks, m => m is { Name: "DisposeAsync", DeclaringType.Name: "EventSubscription" });
        Assert.Empty(
            valueTasks
                .Where(m =>
                    !m.IsAbstract
                    && m.GetCustomAttribute<AsyncMethodBuilderAttribute>()
                        ?.BuilderType.Name.StartsWith("GuardedValueTask", StringComparison.Ordinal) != true
                )
                .Select(m => $"{m.DeclaringType!.Name}.{m.Name}")
        );

        // An iterator method cannot map errors itself: a wrapper calls it.
        var sequences = members
            .Where(m => m.ReturnType.IsGenericType && m.ReturnType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
            .ToList();
        Assert.Contains(sequences, m => m.Name == "ReadInputAsync");
        Assert.Empty(
            sequences
                .Where(m => m.GetCustomAttribute<AsyncIteratorStateMachineAttribute>() is not null)
                .Select(m => $"{m.DeclaringType!.Name}.{m.Name}")
        );
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task An_unexpected_exception_becomes_an_error_with_the_exception_as_its_cause(string kind)
    {
        var odd = Make(kind);
        using var client = ContainerdClient.Over(new Throwing(odd));
        var ns = client.In("test");
        var thrown = 0;
        foreach (
            var (target, method) in new object[]
            {
                client,
                client.Namespaces,
                client.Plugins,
                client.Runtimes,
                ns.Containers,
                ns.Tasks,
                ns.Execs,
                ns.Stats,
                ns.Processes,
                ns.Images,
                ns.Content,
                ns.Snapshots,
                ns.Leases,
                ns.Storage,
                ns.Logs,
            }.SelectMany(o =>
                Methods
                    .Where(m =>
                        !m.IsStatic
                        && m.DeclaringType == o.GetType()
                        && !m.IsGenericMethod
                        && !m.Name.Contains("ount", StringComparison.Ordinal)
                    )
                    .Select(m => (o, m))
            )
        )
        {
            var arguments = method.GetParameters().Select(p => Value(p.ParameterType)).ToArray();
            try
            {
                await ((Task)method.Invoke(target, arguments)!).WaitAsync(TimeSpan.FromSeconds(60));
            }
            catch (CtrException e)
            {
                for (Exception? cause = e; cause is not null; cause = cause.InnerException)
                    thrown += cause == odd || (odd is AggregateException { InnerException: var only } && cause == only) ? 1 : 0;
            }
            catch (Exception e) when (e is ArgumentNullException or TargetInvocationException { InnerException: ArgumentNullException })
            {
                // It requires an object and received null.
            }
            catch (Exception e)
            {
                Assert.Fail($"{method.DeclaringType!.Name}.{method.Name}: {e}");
            }
        }

        Assert.True(thrown > 20, $"Only {thrown} methods met the exception.");
    }

#pragma warning disable CA2201, CA2208 // What the runtime throws itself, made by hand.
    private static Exception Make(string kind) =>
        kind switch
        {
            "NullReference" => new NullReferenceException("odd"),
            "InvalidCast" => new InvalidCastException("odd"),
            "KeyNotFound" => new KeyNotFoundException("odd"),
            "IndexOutOfRange" => new IndexOutOfRangeException("odd"),
            "ArgumentOutOfRange" => new ArgumentOutOfRangeException("odd"),
            "IO" => new IOException("odd"),
            "Socket" => new SocketException((int)SocketError.ConnectionReset),
            "OutOfMemory" => new OutOfMemoryException("odd"),
            "Format" => new FormatException("odd"),
            "Overflow" => new OverflowException("odd"),
            "Protobuf" => new InvalidDataException("odd"),
            "NotSupported" => new NotSupportedException("odd"),
            "Rpc" => new RpcException(
                new Status(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.")
            ),
            _ => new AggregateException(new InvalidCastException("odd")),
        };
#pragma warning restore CA2201, CA2208

    private static object? Value(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(string[]) || type == typeof(IReadOnlyList<string>) || type == typeof(IEnumerable<string>) ? Array.Empty<string>()
        : type == typeof(IReadOnlyDictionary<string, string>) ? new Dictionary<string, string> { ["a"] = "b" }
        : type.IsValueType ? Activator.CreateInstance(type)
        : null;

    private sealed class Throwing(Exception error) : CallInvoker
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options,
            TRequest request
        ) => new(Task.FromException<TResponse>(error), Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options,
            TRequest request
        ) => throw error;

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options
        ) => throw error;

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options
        ) => throw error;

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options,
            TRequest request
        ) => throw error;
    }
}
