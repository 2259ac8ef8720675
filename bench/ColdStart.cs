using Containerd.Testing;

namespace Containerd.Bench;

/// <summary>A fresh process up to its first answer from the daemon, beside the same host with nothing to do.</summary>
internal static class ColdStart
{
    internal static async Task MeasureAsync(PrivateDaemon daemon, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("containerd-bench-");
        try
        {
            var empty = Script("empty", "");
            var import = Script("import", "Import-Module Containerd");
            var first = Script(
                "first",
                $"Import-Module Containerd; $null = Connect-CtrSession -Address {daemon.Address} -Namespace {daemon.Namespace}; $null = Get-CtrTask bench"
            );
            await MeasureHostAsync("engine host", Path.Combine(AppContext.BaseDirectory, "Containerd.EngineHost"), []);
            if ((await Shell.TryAsync("sh", "-c", "command -v pwsh")).Code == 0)
                await MeasureHostAsync("pwsh", "pwsh", ["-NoProfile", "-File"]);
            else
                Console.WriteLine("\nCold in pwsh: not measured, this machine has none.");

            async Task MeasureHostAsync(string host, string program, string[] options)
            {
                var sides = new[]
                {
                    (empty, new Samples("start, nothing to do")),
                    (import, new Samples("start, Import-Module")),
                    (first, new Samples("start, Import-Module, connect, Get-CtrTask")),
                };
                for (var i = 0; i < rounds; i++)
                {
                    foreach (var (script, samples) in sides)
                        await samples.AddAsync(() => Shell.RunAsync(program, [.. options, script]));
                }

                Samples.Print($"Cold, {host}, {rounds} rounds", [.. sides.Select(s => s.Item2)]);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        string Script(string name, string text)
        {
            var path = Path.Combine(folder.FullName, name + ".ps1");
            File.WriteAllText(path, text);
            return path;
        }
    }
}
