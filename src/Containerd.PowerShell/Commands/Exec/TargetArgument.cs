using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The container that the first argument of a cmdlet names, for cmdlets whose pipeline input is something else.</summary>
internal static class TargetArgument
{
    internal static ContainerTarget Read(object? id, SessionCmdlet cmdlet) =>
        (id is PSObject wrapped ? wrapped.BaseObject : id) switch
        {
            ICtrContainerObject item => new(cmdlet.Resolve(item), item.ContainerId, item),
            string { Length: > 0 } text => Named(cmdlet, text),
            null or "" => throw new CtrArgumentException("A container is required.")
            {
                ErrorId = ErrorIds.NoContainer,
                Remedy = "Specify it first, as in Invoke-CtrExec web -- ls -la, or pipe containers in.",
            },
            var number when TypedNumber.IsNumber(number) => TypedNumber.IsName(id!)
                ? Named(cmdlet, LanguagePrimitives.ConvertTo<string>(id))
                : throw new CtrArgumentException(TypedNumber.NotAName(id!, "a container")) { ErrorId = ErrorIds.NoContainer },
            _ => throw Foreign(id!),
        };

    /// <summary>Resolves the container that a text names.</summary>
    internal static ContainerTarget Named(SessionCmdlet cmdlet, string text)
    {
        var ns = cmdlet.Resolve();
        return new(ns, cmdlet.ContainerIdOf(ns, text), null) { Given = text };
    }

    internal static CtrArgumentException Foreign(object item) => new(ForeignObject.Refusal(item)) { ErrorId = ErrorIds.NoContainer };
}
