namespace Containerd.Host.Files;

/// <summary>
/// Where something is, name by name from a place at the top that is an absolute path. What a copy builds has another name until it is
/// whole.
/// </summary>
internal sealed class TreePath
{
    private readonly byte[] _name;

    internal TreePath(byte[] top) => (_name, Current) = (top, top);

    private TreePath(TreePath parent, byte[] name, byte[] current) => (Parent, _name, Current) = (parent, name, current);

    internal TreePath? Parent { get; }

    /// <summary>The name that it has now.</summary>
    internal byte[] Current { get; private set; }

    internal TreePath Child(byte[] name) => new(this, name, name);

    /// <summary>A child that has another name for now.</summary>
    internal TreePath Child(byte[] name, byte[] current) => new(this, name, current);

    /// <summary>Whether it has the name that it is to have.</summary>
    internal bool IsSettled => Current == _name;

    /// <summary>It has got its name.</summary>
    internal void Settle() => Current = _name;

    /// <summary>The path that it has, or will have.</summary>
    internal byte[] Whole() => Parent is null ? _name : FileName.Join(Parent.Whole(), _name);

    /// <summary>The names that lead to it now from the place at the top, without that.</summary>
    internal List<byte[]> Steps()
    {
        var steps = new List<byte[]>();
        for (var at = this; at.Parent is not null; at = at.Parent)
            steps.Insert(0, at.Current);
        return steps;
    }
}
