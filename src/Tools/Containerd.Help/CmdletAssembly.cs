using System.Reflection;
using System.Runtime.InteropServices;

namespace Containerd.Help;

/// <summary>The cmdlets of an assembly, examined without running its code.</summary>
internal sealed class CmdletAssembly : IDisposable
{
    private readonly MetadataLoadContext _context;

    private CmdletAssembly(MetadataLoadContext context, IReadOnlyList<CmdletFacts> cmdlets) => (_context, Cmdlets) = (context, cmdlets);

    public IReadOnlyList<CmdletFacts> Cmdlets { get; }

    public static CmdletAssembly Open(string path)
    {
        var beside = Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, "*.dll");
        var runtime = Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll");
        var context = new MetadataLoadContext(new PathAssemblyResolver(beside.Concat(runtime).DistinctBy(Path.GetFileName)));
        var cmdlets = context
            .LoadFromAssemblyPath(Path.GetFullPath(path))
            .GetExportedTypes()
            .Where(type => !type.IsAbstract && CmdletFacts.Declares(type))
            .Select(type => new CmdletFacts(type))
            .OrderBy(cmdlet => cmdlet.Name, StringComparer.Ordinal)
            .ToList();
        return new CmdletAssembly(context, cmdlets);
    }

    public void Dispose() => _context.Dispose();
}
