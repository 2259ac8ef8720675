namespace Containerd.Host.Files;

/// <summary>The path of an item, as names below an absolute path. An item that is being copied has a temporary name.</summary>
internal sealed class TreePath
{
    private readonly byte[] _name;

    internal TreePath(byte[] top) => (_name, Current) = (top, top);

    private TreePath(TreePath parent, byte[] name, byte[] current) => (Parent, _name, Current) = (parent, name, current);

    internal TreePath? Parent { get; }

    /// <summary>The name that it has now.</summary>
    internal byte[] Current { get; private set; }

    internal TreePath Child(byte[] name) => new(this, name, name);

    /// <summary>A child with a temporary name.</summary>
    internal TreePath Child(byte[] name, byte[] current) => new(this, name, current);

    /// <summary>Whether it has its final name.</summary>
    internal bool IsSettled => Current == _name;

    /// <summary>Sets its final name.</summary>
    internal void Settle() => Current = _name;

    /// <summary>Its final path.</summary>
    internal byte[] Whole() => Parent is null ? _name : FileName.Join(Parent.Whole(), _name);

    /// <summary>The current names below the absolute path.</summary>
    internal List<byte[]> Steps()
    {
        var steps = new List<byte[]>();
        for (var at = this; at.Parent is not null; at = at.Parent)
            steps.Insert(0, at.Current);
        return steps;
    }
}
