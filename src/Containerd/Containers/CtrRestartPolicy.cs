using System.Globalization;

namespace Containerd;

/// <summary>
/// When containerd's restart monitor starts a container again. <c>no</c>, <c>always</c>, <c>on-failure</c>, <c>on-failure:5</c> and
/// <c>unless-stopped</c> convert to it.
/// </summary>
/// <remarks>Source: the label <c>containerd.io/restart.policy</c>, in the form of containerd's restart plugin.</remarks>
public sealed class CtrRestartPolicy
{
    private const string OnFailure = "on-failure";

    /// <summary>PowerShell shows only this message when the value of a parameter cannot be converted.</summary>
    private const string Form = "Use no, always, on-failure, on-failure:5 or unless-stopped.";

    private static readonly (CtrRestartMode Mode, string Name)[] Names =
    [
        (CtrRestartMode.No, "no"),
        (CtrRestartMode.Always, "always"),
        (CtrRestartMode.OnFailure, OnFailure),
        (CtrRestartMode.UnlessStopped, "unless-stopped"),
    ];

    /// <summary>When the container is started again.</summary>
    public CtrRestartMode Mode { get; set; }

    /// <summary>
    /// How many times the monitor starts it again after failures, counted since a client started it; null for no limit. Only with
    /// <see cref="CtrRestartMode.OnFailure"/>.
    /// </summary>
    public int? MaxRetries { get; set; }

    /// <summary>Reads a policy.</summary>
    /// <param name="text">The name of a policy; after <c>on-failure</c>, a colon and the maximum number of restarts can follow.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidRestartPolicy</c>: the text has another form.</exception>
    public static CtrRestartPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text) ?? throw Invalid(text);
    }

    /// <summary>Reads a policy that any client may have written.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The policy; null if the text is not one.</returns>
    internal static CtrRestartPolicy? Read(string text)
    {
        var parts = text.Trim().Split(':');
        if (Array.Find(Names, n => n.Name.Equals(parts[0], StringComparison.OrdinalIgnoreCase)) is not { Name: not null } known)
            return null;
        return parts switch
        {
            [_] => new CtrRestartPolicy { Mode = known.Mode },
            [_, var count]
                when known.Mode == CtrRestartMode.OnFailure
                    && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number > 0 => new CtrRestartPolicy { Mode = known.Mode, MaxRetries = number },
            _ => null,
        };
    }

    /// <summary>Validates the properties.</summary>
    /// <exception cref="CtrArgumentException">
    /// <c>InvalidRestartPolicy</c>: the mode is unknown, or the maximum is not positive or belongs to another mode.
    /// </exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Mode) || MaxRetries < 1 || (MaxRetries is not null && Mode != CtrRestartMode.OnFailure))
            throw Invalid(ToString());
    }

    /// <summary>The policy in the form that <see cref="Parse"/> reads.</summary>
    /// <returns>A text such as <c>on-failure:5</c>.</returns>
    public override string ToString()
    {
        var name = Array.Find(Names, n => n.Mode == Mode).Name ?? Mode.ToString();
        return MaxRetries is int count ? string.Create(CultureInfo.InvariantCulture, $"{name}:{count}") : name;
    }

    private static CtrArgumentException Invalid(string text) =>
        new($"'{text}' is not a restart policy. {Form}") { ErrorId = ErrorIds.InvalidRestartPolicy, Subject = text };
}
