using System.Text.Json.Nodes;

namespace Containerd.Host.Networks.Configuration;

/// <summary>The default routes that a plugin's object asks for.</summary>
internal static class CniRoutes
{
    private const string V6 = "::/0";

    /// <summary>Whether the object asks for a default route.</summary>
    internal static bool HasDefault(JsonObject plugin) =>
        CniJson.Flag(plugin["isDefaultGateway"])
        || IsDynamic(plugin)
        || (plugin["ipam"] is JsonObject ipam && CniJson.Objects(ipam["routes"]).Any(IsDefault));

    /// <summary>Whether a server chooses the default route.</summary>
    internal static bool IsDynamic(JsonObject plugin) => plugin["ipam"] is JsonObject ipam && CniJson.Text(ipam["type"]) == "dhcp";

    /// <summary>Removes the default routes: of a container's networks, only one can have them.</summary>
    internal static void RemoveDefault(JsonObject plugin)
    {
        if (CniJson.Flag(plugin["isDefaultGateway"]))
        {
            plugin["isDefaultGateway"] = false;
            // It implies this.
            plugin["isGateway"] = true;
        }

        if (plugin["ipam"] is JsonObject ipam && ipam["routes"] is JsonArray routes)
        {
            foreach (var route in routes.OfType<JsonObject>().Where(IsDefault).ToList())
                routes.Remove(route);
        }
    }

    /// <summary>Whether a route is a default route.</summary>
    internal static bool IsDefault(JsonObject route) => CniJson.Text(route["dst"]) is "0.0.0.0/0" or V6;

    /// <summary>Whether a default route is one of IPv6.</summary>
    internal static bool IsV6(JsonObject route) => CniJson.Text(route["dst"]) == V6;
}
