using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Another host, which reaches that of the containers by an interface of its own.</summary>
internal sealed class OutsideHost
{
    /// <summary>The address of the containers' host.</summary>
    internal const string Address = "192.0.2.1";

    /// <summary>The published port.</summary>
    internal const int Port = 8080;

    private readonly NetworkBed _bed;

    /// <param name="bed">The containers.</param>
    /// <param name="hasRoute">Whether it knows the addresses of containers.</param>
    internal OutsideHost(NetworkBed bed, bool hasRoute = true)
    {
        _bed = bed;
        Pid = bed.Sandbox.StartContainer();
        bed.Sandbox.Shell(
            $"""
            ip link add out0 type veth peer name out1
            ip link set out1 netns {Pid}
            ip addr add {Address}/24 dev out0
            ip link set out0 up
            nsenter -t {Pid} -n sh -c 'ip addr add 192.0.2.2/24 dev out1; ip link set out1 up; ip link set lo up'
            """
        );
        if (hasRoute)
            bed.Sandbox.Shell($"nsenter -t {Pid} -n ip route add default via {Address}");
    }

    /// <summary>The process whose network namespace is that of the host.</summary>
    internal int Pid { get; }

    /// <summary>What answers at the published port, as soon as something does.</summary>
    internal string Fetch() =>
        _bed
            .Sandbox.Shell(
                $"for i in $(seq 100); do nsenter -t {Pid} -n busybox nc -w 10 {Address} {Port} < /dev/null 2> /dev/null | grep . && exit 0; sleep 0.05; done; exit 1"
            )
            .Trim();

    /// <summary>Whether the published port answers now.</summary>
    internal bool IsServed() =>
        _bed
            .Sandbox.Shell($"nsenter -t {Pid} -n busybox nc -w 5 {Address} {Port} < /dev/null 2> /dev/null || true")
            .Contains("served", StringComparison.Ordinal);

    /// <summary>Connects to the published port again and again, until the failures are counted.</summary>
    internal async Task<Counter> CountAsync()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-count-").FullName;
        _bed.Sandbox.StartScript(
            $$"""
            cd {{folder}}
            while [ ! -e stop ]; do
                nsenter -t {{Pid}} -n busybox nc -w 10 {{Address}} {{Port}} < /dev/null 2> /dev/null | grep -q served && echo >> good || echo >> bad
            done
            : > done
            """
        );
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(folder, "good")));
        return new Counter(folder);
    }

    internal sealed record Counter(string Folder)
    {
        internal async Task<int> FailuresAsync()
        {
            var good = Lines("good");
            // Some more, after the change.
            await Eventually.TrueAsync(() => Lines("good") >= good + 3, TimeSpan.FromSeconds(60));
            File.WriteAllText(Path.Combine(Folder, "stop"), "");
            await Eventually.TrueAsync(() => File.Exists(Path.Combine(Folder, "done")), TimeSpan.FromSeconds(60));
            var bad = Lines("bad");
            Directory.Delete(Folder, recursive: true);
            return bad;
        }

        private int Lines(string name) =>
            File.Exists(Path.Combine(Folder, name)) ? File.ReadAllText(Path.Combine(Folder, name)).Count(c => c == '\n') : 0;
    }
}
