using System.Collections;
using System.Globalization;
using System.Text.Json;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using WireRunc = Containerd.Client.Wire.Runc;
using WireRuntimeOptions = Containerd.Client.Wire.RuntimeOptions;

namespace Containerd.Client.Daemon;

/// <summary>Converts the name of a runtime, with its options, to the data that containerd stores with a container.</summary>
internal static class RuntimeChoice
{
    internal const string Runc = "io.containerd.runc.v2";

    internal static Wire.Containers.Container.Types.Runtime Resolve(
        string? runtime,
        IDictionary? options,
        CtrSpec spec,
        string defaultRuntime
    )
    {
        var name = runtime ?? defaultRuntime;
        string? binary = null;
        if (!name.Contains('.', StringComparison.Ordinal) && !name.StartsWith('/'))
        {
            // The name of a program: containerd's runc shim runs every runtime with the command line of runc.
            binary = name == "runc" ? null : name;
            name = Runc;
        }

        return new() { Name = name, Options = name == Runc ? RuncOptions(binary, options, spec) : OtherOptions(name, options) };
    }

    /// <summary>
    /// The cgroup driver that the runtime and its options require: that of the option SystemdCgroup, and cgroupfs for a shim that does not
    /// have this option.
    /// </summary>
    /// <param name="runtime">The runtime; null for the default.</param>
    /// <param name="options">The options; null for none.</param>
    /// <param name="wanted">The driver that the caller specifies; null for none.</param>
    /// <param name="parent">The parent cgroup that the caller specifies; null for none.</param>
    /// <param name="defaultRuntime">The default runtime.</param>
    /// <returns>The driver; null for that of the parent cgroup or the host.</returns>
    /// <exception cref="CtrArgumentException">The caller specifies two (ConflictingParameters).</exception>
    internal static CtrCgroupDriver? CgroupDriver(
        string? runtime,
        IDictionary? options,
        CtrCgroupDriver? wanted,
        string? parent,
        string defaultRuntime
    )
    {
        if (Resolve(runtime, null, new CtrSpec(), defaultRuntime).Name != Runc)
            return wanted ?? (parent is null ? CtrCgroupDriver.Cgroupfs : null);
        if (options is null || !options.Keys.OfType<object>().Any(IsSystemdCgroup))
            return wanted;
        var asked = Parse<WireRunc.Options>(options, WireRunc.Options.Descriptor.FullName).SystemdCgroup
            ? CtrCgroupDriver.Systemd
            : CtrCgroupDriver.Cgroupfs;
        return wanted is null || wanted == asked
            ? asked
            : throw new CtrArgumentException($"The cgroup driver {wanted} contradicts the runtime option SystemdCgroup.")
            {
                ErrorId = ErrorIds.ConflictingParameters,
                Remedy = "Specify only one of the two.",
            };
    }

    /// <summary>The options that containerd stores with a container, as text; none for an unknown type.</summary>
    internal static CtrMap Read(Any? options)
    {
        var map = new CtrMap();
        if (options is null)
            return map;
        try
        {
            IMessage? message =
                options.Kind() == WireRunc.Options.Descriptor.FullName ? WireRunc.Options.Parser.ParseFrom(options.Value)
                : options.Kind() == WireRuntimeOptions.Options.Descriptor.FullName
                    ? WireRuntimeOptions.Options.Parser.ParseFrom(options.Value)
                : null;
            if (message is null)
                return map;
            using var json = JsonDocument.Parse(JsonFormatter.Default.Format(message));
            foreach (var field in json.RootElement.EnumerateObject())
                map[field.Name] = field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : field.Value.GetRawText();
        }
        catch (InvalidProtocolBufferException)
        {
            // Another client may have stored any data.
        }

        return map;
    }

    private static Any? RuncOptions(string? binary, IDictionary? options, CtrSpec spec)
    {
        var message = options is null ? new WireRunc.Options() : Parse<WireRunc.Options>(options, WireRunc.Options.Descriptor.FullName);
        if (binary is not null && message.BinaryName.Length == 0)
            message.BinaryName = binary;
        // runc's cgroupfs driver does not support slice:prefix:name.
        if (CgroupPath.IsSystemd(spec.Linux?.CgroupsPath))
            message.SystemdCgroup = true;
        return message.CalculateSize() > 0 ? WireAny.Pack(message) : null;
    }

    private static bool IsSystemdCgroup(object key) =>
        string.Equals(
            Convert.ToString(key, CultureInfo.InvariantCulture)?.Replace("_", "", StringComparison.Ordinal),
            nameof(WireRunc.Options.SystemdCgroup),
            StringComparison.OrdinalIgnoreCase
        );

    private static Any? OtherOptions(string runtime, IDictionary? options) =>
        options is null ? null : WireAny.Pack(Parse<WireRuntimeOptions.Options>(options, runtime));

    private static T Parse<T>(IDictionary options, string of)
        where T : IMessage<T>, new()
    {
        var fields = new T().Descriptor.Fields.InDeclarationOrder();
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in options)
        {
            var given = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            var wanted = given.Replace("_", "", StringComparison.Ordinal);
            var field = fields.FirstOrDefault(f =>
                string.Equals(f.Name.Replace("_", "", StringComparison.Ordinal), wanted, StringComparison.OrdinalIgnoreCase)
            ) ?? throw Invalid(given, $"{of} has no option '{given}'; it has {string.Join(", ", fields.Select(f => f.JsonName))}", null);
            // Options that were read from a container are text.
            values[field.JsonName] =
                entry.Value is string text
                && field.FieldType == Google.Protobuf.Reflection.FieldType.Bool
                && bool.TryParse(text, out var truth)
                    ? truth
                    : entry.Value;
        }

        try
        {
            return new MessageParser<T>(() => new T()).ParseJson(JsonSerializer.Serialize(values));
        }
        catch (Exception e)
            when (e
                    is InvalidProtocolBufferException
                        or InvalidJsonException
                        or FormatException
                        or OverflowException
                        or NotSupportedException
            )
        {
            throw Invalid(string.Join(", ", values.Keys), $"a runtime option of {of} has a value of the wrong type ({e.Message})", e);
        }
    }

    private static CtrArgumentException Invalid(string subject, string why, Exception? cause) =>
        new($"The runtime options cannot be used: {why}.", cause) { ErrorId = ErrorIds.InvalidRuntimeOption, Subject = subject };
}
