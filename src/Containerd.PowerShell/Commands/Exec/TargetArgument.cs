using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The one container that a cmdlet's first argument names, where the pipeline carries something else.</summary>
internal static class TargetArgument
{
    internal static ContainerTarget Read(object? id, Func<ICtrObject?, NamespaceClient> resolve) => (id is PSObject wrapped ? wrapped.BaseObject : id) switch
    {
        ICtrContainerObject item => new(resolve(item), item.ContainerId, item),
        string { Length: > 0 } text => new(resolve(null), text, null),
        null or "" => throw new CtrArgumentException("No container is named.")
        {
            ErrorId = "NoContainer",
            Remedy = "Name it first, as in Invoke-CtrExec web -- ls -la, or pipe containers in.",
        },
        var number when TypedNumber.IsNumber(number) => TypedNumber.IsName(id!)
            ? new(resolve(null), LanguagePrimitives.ConvertTo<string>(id), null)
            : throw new CtrArgumentException(TypedNumber.NotAName(id!, "a container")) { ErrorId = "NoContainer" },
        _ => throw Foreign(id!),
    };

    internal static CtrArgumentException Foreign(object item) => new(ForeignObject.Refusal(item)) { ErrorId = "NoContainer" };
}
