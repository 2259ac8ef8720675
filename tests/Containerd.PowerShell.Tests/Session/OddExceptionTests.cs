using Containerd.Client;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>
/// An unexpected exception during a command: it is one error of this module about one item, and the other items are processed.
/// </summary>
public sealed class OddExceptionTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
#pragma warning disable CA2201 // What the runtime throws itself, made by hand.
    private static readonly Exception[] Odd =
    [
        new NullReferenceException("odd"),
        new KeyNotFoundException("odd"),
        new IndexOutOfRangeException("odd"),
        new InvalidCastException("odd"),
        new ArgumentOutOfRangeException("odd"),
        new FormatException("odd"),
        new OverflowException("odd"),
        new IOException("odd"),
        new NotSupportedException("odd"),
        new OutOfMemoryException("odd"),
        new AggregateException(new InvalidDataException("odd")),
    ];
#pragma warning restore CA2201

    [Fact]
    public async Task It_is_one_error_for_its_item_and_the_other_items_are_processed()
    {
        Engine.Require($"'a', 'b', 'c' | ForEach-Object {{ $null = New-CtrContainer \"{Id}-$_\" -Image {Busybox} -- sleep 1000 }}");
        var thrower = new Thrower($"{Id}-b");
        var session = PrivateDaemon.Unique("odd");
        // Connected here, and used by the commands by name.
        var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions
            {
                Address = DaemonFixture.Daemon.Address,
                Namespace = DaemonFixture.Namespace,
                Name = session,
                Interceptor = thrower,
            }
        );
        ModuleSessions.Add(client);
        try
        {
            string[] commands =
            [
                "Set-CtrContainer -Id IDS -Label @{ a = 'b' } -PassThru",
                "Start-CtrTask -Id IDS",
                "Get-CtrTask -Id IDS",
                "Suspend-CtrTask -Id IDS -PassThru -ThrottleLimit 3",
                "Get-CtrContainer -Id IDS",
            ];
            foreach (var odd in Odd)
            {
                thrower.Odd = odd;
                // All commands meet the first one.
                foreach (var command in odd == Odd[0] ? commands : commands[^1..])
                {
                    var run = command.Replace("IDS", $"{Id}-a, {Id}-b, {Id}-c", StringComparison.Ordinal) + $" -Session {session}";
                    var done = Engine.Invoke(run);
                    Assert.True(done.Exception is null, $"{run}, {odd.GetType().Name}: {done.Exception}");
                    var error = Assert.Single(done.Errors);
                    Assert.IsAssignableFrom<CtrException>(error.Exception);
                    Assert.EndsWith("Command", error.FullyQualifiedErrorId, StringComparison.Ordinal);
                    Assert.True(HasCause(error.Exception, odd), $"{run}: {error.Exception}");
                    Assert.Equal(
                        [$"{Id}-a", $"{Id}-c"],
                        done.Output.Select(o => ((CtrContainerObject)o.BaseObject).ContainerId).Order(StringComparer.Ordinal)
                    );
                }
            }

            thrower.Odd = null;
            Assert.Equal(3, Engine.Require($"Get-CtrContainer {Id}-* -Session {session}").Count);
        }
        finally
        {
            thrower.Odd = null;
            Engine.Require($"Disconnect-CtrSession {session}; Get-CtrContainer {Id}-* | Remove-CtrContainer -Force");
        }
    }

    private static bool HasCause(Exception? error, Exception odd)
    {
        var wanted = odd is AggregateException { InnerException: { } only } ? only : odd;
        for (; error is not null; error = error.InnerException)
        {
            if (error == odd || error == wanted)
                return true;
        }

        return false;
    }

    /// <summary>Throws instead of making a call about one container.</summary>
    private sealed class Thrower(string id) : Interceptor
    {
        internal Exception? Odd { get; set; }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation
        ) =>
            Odd is { } odd && request.ToString()!.Contains($"\"{id}\"", StringComparison.Ordinal)
                ? throw odd
                : continuation(request, context);
    }
}
