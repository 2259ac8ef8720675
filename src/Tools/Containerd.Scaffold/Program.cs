namespace Containerd.Scaffold;

/// <summary>Writes the files of a new cmdlet: Containerd.Scaffold ROOT VERB NOUN.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        if (args is not [var root, var verb, var noun])
        {
            Console.Error.WriteLine("usage: New-Cmdlet VERB NOUN, such as New-Cmdlet Get Network for Get-CtrNetwork");
            return 2;
        }

        try
        {
            var cmdlet = NewCmdlet.Create(root, verb, noun);
            foreach (var path in cmdlet.Write())
                Console.WriteLine(path);
            Console.WriteLine($"Each part of {cmdlet.Name} that you write is marked '{NewCmdlet.Marker}'. A test fails while one is left.");
            return 0;
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidDataException or IOException)
        {
            Console.Error.WriteLine("error: " + failure.Message);
            return 1;
        }
    }
}
