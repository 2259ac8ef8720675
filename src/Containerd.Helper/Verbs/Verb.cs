namespace Containerd.Helper.Verbs;

/// <summary>One thing that the program can do.</summary>
internal abstract class Verb
{
    /// <summary>The exit code for arguments that the verb does not understand.</summary>
    protected const int WrongArguments = 2;

    /// <summary>The first argument, which selects the verb.</summary>
    internal abstract string Name { get; }

    /// <summary>Does it.</summary>
    /// <param name="arguments">The arguments after the verb.</param>
    /// <returns>The exit code of the program.</returns>
    internal abstract int Run(string[] arguments);
}
