namespace Containerd.Host.Networks.Configuration;

/// <summary>The program that wrote a network.</summary>
internal enum CniAuthor
{
    /// <summary>Another one, such as Kubernetes or an administrator.</summary>
    Other,

    /// <summary>nerdctl.</summary>
    Nerdctl,

    /// <summary>This module.</summary>
    Module,
}
