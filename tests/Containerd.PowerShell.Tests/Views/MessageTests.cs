using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>
/// All messages of the cmdlets go through one class, which makes control characters visible. What would pass it by is found in the module's
/// code.
/// </summary>
public sealed class MessageTests
{
    private static readonly string[] Guarded =
    [
        "WriteWarning",
        "WriteVerbose",
        "WriteDebug",
        "WriteProgress",
        "WriteError",
        "WriteInformation",
        "WriteCommandDetail",
        "ThrowTerminatingError",
        "ShouldProcess",
        "ShouldContinue",
    ];

    [Fact]
    public void Messages_are_written_only_by_the_class_that_makes_them_visible()
    {
        var calls = Calls(
            (type, method) =>
                (type is "Cmdlet" or "PSCmdlet" or "ICommandRuntime" or "ICommandRuntime2" && Guarded.Contains(method))
                || (type == "PSHostUserInterface" && method.StartsWith("Write", StringComparison.Ordinal))
        );
        // The engine's base class for events is not ours: its one error is made by ErrorRecords, and its one verbose text is made visible
        // there.
        Assert.Equal(["MessageCmdlet", "RegisterCtrEventCommand"], calls.Select(c => c.Caller).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            ["ThrowTerminatingError", "WriteVerbose"],
            calls.Where(c => c.Caller == "RegisterCtrEventCommand").Select(c => c.Method).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            Guarded.Where(g => g != "WriteCommandDetail").Append("WriteWarningLine").Order(StringComparer.Ordinal),
            calls.Where(c => c.Caller == "MessageCmdlet").Select(c => c.Method).Distinct().Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Error_records_are_created_only_in_one_place() =>
        Assert.Equal(
            ["ErrorRecords"],
            Calls((type, method) => type == "ErrorRecord" && method == ".ctor").Select(c => c.Caller).Distinct()
        );

    /// <summary>Which of the module's outermost classes call which methods of the engine.</summary>
    private static List<(string Caller, string Method)> Calls(Func<string, string, bool> wanted)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Repository.Module, "Containerd.PowerShell.dll")));
        var metadata = file.GetMetadataReader();
        var tokens = metadata
            .MemberReferences.Select(handle => (Handle: handle, Member: metadata.GetMemberReference(handle)))
            .Where(m => m.Member.Parent.Kind == HandleKind.TypeReference)
            .Select(m =>
                (
                    Token: MetadataTokens.GetToken(m.Handle),
                    Type: metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)m.Member.Parent).Name),
                    Name: metadata.GetString(m.Member.Name)
                )
            )
            .Where(m => wanted(m.Type, m.Name))
            .ToDictionary(m => m.Token, m => m.Name);
        Assert.NotEmpty(tokens);
        var calls = new List<(string, string)>();
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0)
                continue;
            var code = file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!;
            for (var at = 1; at + 4 <= code.Length; at++)
            {
                // call, callvirt, newobj, ldftn and ldvirtftn, each before its token.
                if (
                    code[at - 1] is 0x28 or 0x6F or 0x73 or 0x06 or 0x07
                    && tokens.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at)), out var name)
                )
                    calls.Add((Outermost(metadata, method.GetDeclaringType()), name));
            }
        }

        return calls;
    }

    private static string Outermost(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType().IsNil ? metadata.GetString(type.Name) : Outermost(metadata, type.GetDeclaringType());
    }
}
