using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The filter that the parameters of Register-CtrEvent and Watch-CtrEvent describe.</summary>
internal static class EventFilterArgument
{
    internal static EventFilter Read(CtrEventType[]? types, string[]? ids, Hashtable? labels, string[]? raw) => new()
    {
        Types = types is null ? null : new HashSet<CtrEventType>(types),
        Ids = ids,
        Labels = labels is null ? null : StringMap.From(labels),
        Raw = raw,
    };
}
