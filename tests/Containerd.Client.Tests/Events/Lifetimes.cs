namespace Containerd.Client.Tests.Events;

/// <summary>Makes the events of processes for tests of the ledger, at times counted in milliseconds.</summary>
internal static class Lifetimes
{
    internal static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Local);

    internal static DateTime At(long time) => Start.AddMilliseconds(time);

    internal static CtrEvent Create(string container, int pid, long at) => Make(CtrEventType.Create, container, container, pid, at);

    internal static CtrEvent Started(string container, int pid, long at) => Make(CtrEventType.Start, container, container, pid, at);

    internal static CtrEvent Exit(string container, int pid, int code, long endedAt, long? at = null)
    {
        var made = Make(CtrEventType.Exit, container, container, pid, at ?? endedAt);
        (made.ExitCode, made.ExitedAt) = (code, At(endedAt));
        return made;
    }

    internal static CtrEvent Delete(string container, int pid, int code, long endedAt, long at)
    {
        var made = Make(CtrEventType.Delete, container, container, pid, at);
        (made.ExitCode, made.ExitedAt) = (code, At(endedAt));
        return made;
    }

    internal static CtrEvent Of(CtrEventType type, string container, string process = "", int pid = 0, long at = 0) =>
        Make(type, container, process, pid, at);

    private static CtrEvent Make(CtrEventType type, string container, string process, int pid, long at) =>
        new()
        {
            Type = type,
            ContainerId = container,
            ProcessId = process,
            Pid = pid,
            Timestamp = At(at),
            Topic = "/tasks/" + type,
        };
}
