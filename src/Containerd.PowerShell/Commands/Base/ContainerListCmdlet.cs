using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that lists objects of containers: by id, by wildcard, or by reading the current state of input objects.</summary>
public abstract class ContainerListCmdlet<T> : ContainerFilterCmdlet
    where T : CtrContainerObject
{
    protected override void ProcessRecord()
    {
        if (ParameterSetName != ContainerCmdlet.ById)
        {
            foreach (var item in Objects)
                TryPerSession(item, () =>
                {
                    var ns = Resolve(item);
                    WriteWanted(ns, Await(cancellationToken => GetAsync(ns, item.ContainerId, cancellationToken)));
                });
            return;
        }

        foreach (var id in Id)
        {
            TryPerSession(id, () =>
            {
                var ns = Resolve();
                if (!WildcardPattern.ContainsWildcardCharacters(id))
                {
                    var found = ContainerIdOf(ns, id);
                    WriteWanted(ns, Await(cancellationToken => GetAsync(ns, found, cancellationToken)));
                    return;
                }

                var pattern = new ContainerPattern(id);
                var items = Await(cancellationToken => ListAsync(ns, cancellationToken));
                Func<T, bool> matches = item => item is CtrContainer container && pattern.IsMatch(container);
                if (items.Any(static item => item is not CtrContainer))
                {
                    var test = Await(cancellationToken => pattern.TestAsync(ns, cancellationToken));
                    matches = item => test(item.ContainerId);
                }

                foreach (var item in items.Where(matches))
                    WriteWanted(ns, item);
            });
        }
    }

    private protected abstract Task<T> GetAsync(NamespaceClient ns, string id, CancellationToken cancellationToken);

    private protected abstract Task<IReadOnlyList<T>> ListAsync(NamespaceClient ns, CancellationToken cancellationToken);

    /// <summary>Whether the parameters select the item.</summary>
    private protected abstract bool IsWanted(T item);

    /// <summary>Writes an item that was found.</summary>
    private protected virtual void Write(NamespaceClient ns, T item) => WriteObject(item);

    private void WriteWanted(NamespaceClient ns, T item)
    {
        if (IsWanted(item))
            Write(ns, item);
    }
}
