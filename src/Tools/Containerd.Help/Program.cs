namespace Containerd.Help;

/// <summary>
/// Writes the MAML help of a cmdlet assembly: Containerd.Help ASSEMBLY PAGES ADDRESS OUTPUT. The doc comments, its own and those of its
/// output types, are beside the assembly; ADDRESS is the online address of the pages.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not [var assembly, var pages, var address, var output])
        {
            Console.Error.WriteLine("usage: Containerd.Help ASSEMBLY PAGES ADDRESS OUTPUT");
            return 2;
        }

        try
        {
            using var cmdlets = CmdletAssembly.Open(assembly);
            var comments = DocComments.Load(Path.GetDirectoryName(Path.GetFullPath(assembly))!);
            var written = HelpFolder.Read(pages);
            // A page without a cmdlet results from a renamed cmdlet.
            var orphans = written.Keys.Except(cmdlets.Cmdlets.Select(cmdlet => cmdlet.Name), StringComparer.OrdinalIgnoreCase).ToList();
            if (orphans.Count > 0)
                throw new InvalidDataException($"{pages}: there is no cmdlet for {string.Join(", ", orphans)}.");

            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
            new MamlWriter(comments, address)
                .Document(cmdlets.Cmdlets.Select(cmdlet => (cmdlet, written.GetValueOrDefault(cmdlet.Name))))
                .Save(output);
            return 0;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or BadImageFormatException)
        {
            Console.Error.WriteLine("error: " + failure.Message);
            return 1;
        }
    }
}
