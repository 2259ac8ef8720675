using System.Reflection;
using Containerd.Client;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>
/// The sessions of the module in this process. The tests use the built module and do not refer to its assembly, so its registry is called
/// by reflection.
/// </summary>
internal static class ModuleSessions
{
    private const BindingFlags Members = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Adds a connection of the test, so that commands can use its session by name.</summary>
    internal static void Add(ContainerdClient client) => Call(nameof(Add), Guid.NewGuid(), client);

    /// <summary>The connection of a session.</summary>
    internal static ContainerdClient ClientOf(CtrSession session) => (ContainerdClient)Call(nameof(ClientOf), session)!;

    private static object? Call(string method, params object[] arguments)
    {
        // The engine of the test has imported it.
        var module = AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == "Containerd.PowerShell");
        return module
            .GetType("Containerd.PowerShell.SessionRegistry", throwOnError: true)!
            .GetMethod(method, Members)!
            .Invoke(null, arguments);
    }
}
