using System.Reflection;
using System.Runtime.Loader;

namespace Containerd.PowerShell;

/// <summary>
/// Isolates the client, the libraries below it and their dependencies (gRPC, Protobuf, …) from versions that other modules have loaded:
/// they are loaded only from the module's <c>lib</c> folder, into a separate context. Assemblies that are not in that folder, such as the
/// model, are shared.
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
    /// Makes the default context resolve these assemblies from this context. This is done once in a process, however often the module is
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
