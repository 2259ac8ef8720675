namespace Containerd.Host.Helpers;

/// <summary>What the client and the helper program agree on.</summary>
internal static class HelperContract
{
    /// <summary>The name of the program.</summary>
    internal const string Program = "containerd-helper";

    /// <summary>The name of the program until version 0.3.0, which tasks of those versions still name.</summary>
    internal const string FormerProgram = "containerd-logger";

    /// <summary>
    /// The version of the agreement. It rises with each change after which a program cannot do what an older client asks of it: then both
    /// programs are installed, and the tasks that name the older one in their log URI keep it.
    /// </summary>
    internal const int Number = 1;

    /// <summary>The verb that writes the output of a task to files.</summary>
    internal const string LogVerb = "log";

    /// <summary>The verb that writes the program's version.</summary>
    internal const string VersionVerb = "version";

    /// <summary>The verb of the hook createRuntime: attaches a container to its networks.</summary>
    internal const string NetworkCreateVerb = "network-create";

    /// <summary>The verb of the hook poststop: detaches a container.</summary>
    internal const string NetworkRemoveVerb = "network-remove";

    /// <summary>The verb that removes what containers, which no longer run, left behind.</summary>
    internal const string NetworkSweepVerb = "network-sweep";

    /// <summary>The verb that connects a running container to networks, or disconnects it.</summary>
    internal const string NetworkChangeVerb = "network-change";

    /// <summary>The verb that adds the rules of containers that are missing.</summary>
    internal const string NetworkRepairVerb = "network-repair";

    /// <summary>The name of the installed program.</summary>
    internal static string InstalledName { get; } = $"{Program}-{Number}";
}
