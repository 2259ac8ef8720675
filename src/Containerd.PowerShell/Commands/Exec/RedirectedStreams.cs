using System.Management.Automation;
using Containerd.Host.Streams;

namespace Containerd.PowerShell;

/// <summary>The files of -InFile, -OutFile and -ErrorFile. One process writes them; other parameters cannot use the same streams.</summary>
/// <param name="cmdlet">The cmdlet.</param>
/// <param name="parameters">Its parameters.</param>
/// <param name="resolve">Converts a path of the caller to a full path.</param>
internal sealed class RedirectedStreams(PSCmdlet cmdlet, IProcessParameters parameters, Func<string, string> resolve)
{
    private string? _writtenFor;

    /// <summary>The files for the process in a container.</summary>
    /// <param name="container">The container.</param>
    /// <param name="hasInput">Whether the process has input from the pipeline or -InputObject.</param>
    /// <returns>The files; null if no stream is redirected.</returns>
    internal ProcessFilePaths? Take(string container, bool hasInput)
    {
        if (parameters.NoClobber && (parameters.OutFile ?? parameters.ErrorFile) is null)
            throw ConflictingParameters.Error("-NoClobber requires -OutFile or -ErrorFile.", "Omit -NoClobber, or add one of them.");
        if ((parameters.InFile ?? parameters.OutFile ?? parameters.ErrorFile) is null)
            return null;
        Check(hasInput);
        var paths = new ProcessFilePaths
        {
            Input = Resolved(parameters.InFile),
            Output = Resolved(parameters.OutFile),
            Error = Resolved(parameters.ErrorFile),
            ErrorToOutput = parameters is { ErrorFile: null, StandardError: CtrStandardError.Output },
            NoClobber = parameters.NoClobber,
        };
        if ((paths.Output ?? paths.Error) is { } written)
        {
            if (_writtenFor is not null)
            {
                throw new CtrConflictException(
                    $"The file '{written}' is for the output of container '{_writtenFor}': one file cannot have that of several containers."
                )
                {
                    ErrorId = ErrorIds.FileExists,
                    Subject = container,
                    Remedy = "Run the command once for each container, with a file for each: use ForEach-Object.",
                };
            }

            _writtenFor = container;
        }

        return paths;
    }

    private void Check(bool hasInput)
    {
        var file =
            parameters.InFile is not null ? nameof(parameters.InFile)
            : parameters.OutFile is not null ? nameof(parameters.OutFile)
            : nameof(parameters.ErrorFile);
        if (parameters.Tty)
            throw ConflictingParameters.Error(
                $"-{file} cannot be combined with -Tty: a terminal changes the bytes that pass through it.",
                $"Omit -Tty or -{file}."
            );
        if (parameters.InFile is not null && (hasInput || parameters.Interactive))
            throw ConflictingParameters.Error(
                $"-InFile cannot be combined with {(hasInput ? "input from the pipeline or -InputObject" : "-Interactive")}: the process "
                    + "has only one standard input.",
                "Use only one of them."
            );
        if (parameters.OutFile is not null && (parameters.Raw || parameters.AsByteStream))
            throw ConflictingParameters.Error(
                $"-OutFile cannot be combined with -{(parameters.Raw ? nameof(parameters.Raw) : nameof(parameters.AsByteStream))}: the "
                    + "output goes to the file, which always receives the exact bytes.",
                "Omit one of them."
            );
        if (parameters.ErrorFile is not null && cmdlet.MyInvocation.BoundParameters.ContainsKey(nameof(parameters.StandardError)))
            throw ConflictingParameters.Error(
                "-ErrorFile cannot be combined with -StandardError: standard error goes to the file.",
                "Omit one of them. To write both streams to one file, use -OutFile with -StandardError Output."
            );
    }

    private string? Resolved(string? path) => path is null ? null : resolve(path);
}
