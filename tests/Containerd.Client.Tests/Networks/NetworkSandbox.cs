using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Containerd.Host.Native;

namespace Containerd.Client.Tests.Networks;

/// <summary>
/// A thread with network and mount namespaces of its own, and an empty /run. Everything that belongs to them runs by <see cref="Run{T}"/>.
/// Plugins that it runs change nothing of the namespace that it was made in, which stands for that of the machine and is compared at the
/// end: other tests may change the machine's own at the same time.
/// </summary>
internal sealed class NetworkSandbox : IDisposable
{
    private const int NewNetwork = 0x40000000;
    private const ulong Private = 1 << 18;

    private readonly BlockingCollection<Action> _work = [];
    private readonly List<Process> _processes = [];
    private readonly Thread _thread;
    private readonly int _outer;
    private readonly string _before;

    internal NetworkSandbox()
    {
        _thread = new Thread(() =>
        {
            foreach (var action in _work.GetConsumingEnumerable())
                action();
        })
        {
            IsBackground = true,
        };
        _thread.Start();
        Run(() =>
        {
            Assert.Equal(0, LibcMounts.Unshare(LibcMounts.CLONE_FS | LibcMounts.CLONE_NEWNS | NewNetwork));
            Assert.Equal(0, LibcMounts.Mount(null, "/", null, (nuint)(LibcMounts.MS_REC | Private), null));
            Assert.Equal(0, LibcMounts.Mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"));
        });
        _outer = Run(() => Start("exec sleep 100000").Id);
        _before = Run(Outer);
        Run(() =>
        {
            Assert.Equal(0, LibcMounts.Unshare(NewNetwork));
            Execute("ip link set lo up");
        });
    }

    public void Dispose()
    {
        var after = Run(Outer);
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        Assert.Equal(_before, after);
    }

    internal void Run(Action action) =>
        Run(() =>
        {
            action();
            return 0;
        });

    internal T Run<T>(Func<T> action)
    {
        T? result = default;
        ExceptionDispatchInfo? error = null;
        using var done = new ManualResetEventSlim();
        _work.Add(() =>
        {
            try
            {
                result = action();
            }
            catch (Exception e)
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        error?.Throw();
        return result!;
    }

    /// <summary>Runs a shell script to its end.</summary>
    /// <returns>Its standard output.</returns>
    internal string Shell(string script) => Run(() => Execute(script));

    /// <summary>Starts a process with a network namespace of its own, as the first process of a container.</summary>
    /// <returns>Its id.</returns>
    internal int StartContainer() =>
        Run(() =>
        {
            var own = LibcNetworks.NamespaceOf("thread-self");
            var process = Start("exec unshare -n sleep 1000");
            while (LibcNetworks.NamespaceOf($"{process.Id}") == own)
                Thread.Sleep(2);
            return process.Id;
        });

    /// <summary>Starts a shell script that runs until it is killed.</summary>
    internal Process StartScript(string script) => Run(() => Start(script));

    /// <summary>Kills a container's process, and waits for its end.</summary>
    internal void Kill(int pid)
    {
        var process = _processes.Single(p => p.Id == pid);
        process.Kill();
        process.WaitForExit();
        _processes.Remove(process);
    }

    /// <summary>The lines of rules that plugins made for containers.</summary>
    internal string[] Rules() =>
        Shell("iptables -t nat -S; iptables -S; ip6tables -t nat -S; ip6tables -S")
            .Split('\n')
            .Where(l =>
                l.Contains(" id: ", StringComparison.Ordinal) || l.StartsWith("-N CNI-DN-", StringComparison.Ordinal) || IsOwnChain(l)
            )
            .ToArray();

    // The chains of masquerading are CNI- and 24 digits.
    private static bool IsOwnChain(string line) =>
        line.StartsWith("-N CNI-", StringComparison.Ordinal) && line.Length == "-N CNI-".Length + 24;

    /// <summary>The interfaces, rules and settings of the namespace around this one.</summary>
    private string Outer() =>
        Execute(
            $"nsenter -t {_outer} -n sh -c 'ip -o link; ip route; iptables-save | grep -v ^#; ip6tables-save | grep -v ^#; "
                + "cd /proc/sys/net; cat ipv4/ip_forward ipv4/conf/all/route_localnet ipv6/conf/all/forwarding'"
        );

    private Process Start(string script)
    {
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!;
        _processes.Add(process);
        return process;
    }

    private static string Execute(string script)
    {
        using var process = Process.Start(
            new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{script}: {error.GetAwaiter().GetResult()}{output}");
    }
}
