namespace Payments.Sandbox.Tests.Judges;

/// <summary>The judges of tests/judges.</summary>
internal static class JudgesPackages
{
    private static readonly NpmPackages Packages = new("judges");

    /// <inheritdoc cref="NpmPackages.FolderAsync"/>
    public static Task<string> FolderAsync() => Packages.FolderAsync();

    public static Task<string> FileAsync(params string[] path) => Packages.FileAsync(path);
}
