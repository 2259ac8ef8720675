using System.Runtime.Versioning;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>The hooks of a container as programs: a state on standard input, an exit code, and a failure on standard output.</summary>
[SupportedOSPlatform("linux")]
internal static class NetworkHookProgram
{
    /// <summary>The hook createRuntime. If it fails, the runtime does not create the container.</summary>
    /// <param name="input">The standard input.</param>
    /// <returns>The failure; null if there is none.</returns>
    internal static NetworkFailure? Create(ReadOnlySpan<byte> input)
    {
        NetworkRequest? request = null;
        try
        {
            var state = HookState.Read(input);
            if (state.Request is not { } json)
                throw RequestChecks.Invalid($"the annotation {NetworkRequest.Annotation} is missing");
            request = NetworkRequest.Read(json);
            new ContainerAttacher(state, request).Run();
            return null;
        }
        catch (Exception e)
        {
            var failure = NetworkFailure.Of(Translate(e));
            TryKeep(request, failure);
            return failure;
        }
    }

    /// <summary>
    /// The hook poststop. It never fails: runc 1.3 would keep the container. What it cannot undo stays recorded for the next start or
    /// sweep.
    /// </summary>
    /// <param name="input">The standard input.</param>
    /// <returns>What could not be undone.</returns>
    internal static IReadOnlyList<NetworkFailure> Remove(ReadOnlySpan<byte> input)
    {
        try
        {
            var state = HookState.Read(input);
            if (state.Request is not { } json)
                return [];
            var request = NetworkRequest.Read(json);
            // A request that was copied is that of another container.
            if (state.Id != request.Container)
                return [];
            using var held = NetworkLock.Take(request.Folders, NetworkLimits.Lock);
            var record = AttachmentRecord.Read(request.Folders.RecordOf(request.Attachment));
            if (record is not null && record.Bundle != state.Bundle && record.IsAlive())
                return [];
            return
            [
                .. Detachment.Undo(request.Folders, request.Attachment, new TimeBudget(NetworkLimits.Detach)).Select(NetworkFailure.Of),
            ];
        }
        catch (Exception e)
        {
            return [NetworkFailure.Of(Translate(e))];
        }
    }

    /// <summary>The error for the client.</summary>
    internal static CtrException Translate(Exception error) =>
        error is IOException or UnauthorizedAccessException
            ? NetworkStateErrors.Failed("The networks of the container cannot be changed", error)
            : ClientErrors.Translate(error);

    private static void TryKeep(NetworkRequest? request, NetworkFailure failure)
    {
        if (request is null)
            return;
        try
        {
            request.Folders.MakeState();
            TrustedFolder.Write(request.Folders.FailureOf(request.Attachment), failure.Write());
        }
        catch (Exception e) when (e is CtrException or IOException or UnauthorizedAccessException)
        {
            // runc reports the standard output, too.
        }
    }
}
