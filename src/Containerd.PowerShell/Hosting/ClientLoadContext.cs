using System.Reflection;
using System.Runtime.Loader;

namespace Containerd.PowerShell;

/// <summary>
/// Keeps the client, the libraries below it and their dependencies (gRPC, Protobuf, …) apart from whatever other modules have loaded of
/// them: they come from the module's <c>lib</c> folder alone, into a context of their own. What is not there, the model among it, is shared
/// with everybody.
/// </summary>
internal sealed class ClientLoadContext : AssemblyLoadContext
{
    // Written by the build: the assemblies of lib that the cmdlets refer to.
    private static readonly HashSet<string> Libraries =
    [
        .. typeof(ClientLoadContext)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(a => a.Key == "ClientLibraries")
            .Value!.Split(';'),
    ];

    private static readonly string Library = Path.Combine(Path.GetDirectoryName(typeof(ClientLoadContext).Assembly.Location)!, "lib");
    private static readonly Lazy<ClientLoadContext> Instance = new(() => new ClientLoadContext());
    private static int _hooked;

    private ClientLoadContext()
        : base("Containerd") { }

    /// <summary>
    /// From now on whoever asks the default context for one of them gets it from ours. Done once in a process, however often it is
    /// imported.
    /// </summary>
    internal static void Hook()
    {
        if (Interlocked.Exchange(ref _hooked, 1) == 0)
            Default.Resolving += static (_, name) => Libraries.Contains(name.Name!) ? Instance.Value.LoadFromAssemblyName(name) : null;
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(Library, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
