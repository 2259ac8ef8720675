using System.Text;

namespace Containerd.Client.PrivateDaemons;

/// <summary>The configuration of a private daemon: it writes only to its own folder, and listens only on its own sockets.</summary>
internal static class DaemonConfig
{
    // Kubernetes' interfaces, and the resource interface whose socket all daemons of a machine would share.
    private static readonly string[] Disabled =
    [
        "io.containerd.grpc.v1.cri",
        "io.containerd.cri.v1.images",
        "io.containerd.cri.v1.runtime",
        "io.containerd.nri.v1.nri",
    ];

    public static string Write(string folder, string socketPath, string? imported)
    {
        var text = new StringBuilder();
        text.Append("version = 2\n");
        if (imported is not null)
            text.Append("imports = [").Append(Quote(imported)).Append("]\n");
        Set("root", Path.Combine(folder, "root"));
        Set("state", Path.Combine(folder, "state"));
        Set("temp", Path.Combine(folder, "tmp"));
        text.Append("disabled_plugins = [").AppendJoin(", ", Disabled.Select(Quote)).Append("]\n\n[grpc]\n");
        Set("address", socketPath);
        text.Append("\n[ttrpc]\n");
        Set("address", socketPath + ".ttrpc");
        text.Append("\n[plugins.\"io.containerd.internal.v1.opt\"]\n");
        Set("path", Path.Combine(folder, "opt"));
        return text.ToString();

        void Set(string key, string value) => text.Append(key).Append(" = ").Append(Quote(value)).Append('\n');
    }

    private static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                quoted.Append('\\').Append(character);
            else if (char.IsControl(character))
                quoted.Append("\\u").Append(((int)character).ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
            else
                quoted.Append(character);
        }

        return quoted.Append('"').ToString();
    }
}
