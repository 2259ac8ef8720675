namespace Containerd;

/// <summary>The versions of both sides (version.v1 Version).</summary>
[PipelineObject(nameof(Version), nameof(ClientVersion), nameof(Revision))]
public sealed class CtrVersion
{
    /// <summary>
    /// The daemon's version, such as <c>1.6.20</c>, without the <c>v</c> and the packager's suffix that some builds report.
    /// </summary>
    public string Version { get; set; } = "";

    /// <summary>The source revision that the daemon was built from.</summary>
    public string Revision { get; set; } = "";

    /// <summary>This module's version.</summary>
    public string ClientVersion { get; set; } = "";

    /// <summary>The session that was queried.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>The daemon's version.</summary>
    /// <returns>The version alone.</returns>
    public override string ToString() => Version;
}
