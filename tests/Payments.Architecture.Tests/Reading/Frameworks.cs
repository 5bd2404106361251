namespace Payments.Architecture.Tests.Reading;

/// <summary>Where the shared frameworks that run these tests are, and what belongs to them.</summary>
internal static class Frameworks
{
    public static string Core { get; } = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    public static string AspNetCore { get; } = Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Mvc.ControllerBase).Assembly.Location)!;

    private static readonly HashSet<string> CoreNames = [.. Directory.EnumerateFiles(Core, "*.dll").Select(Path.GetFileNameWithoutExtension).OfType<string>()];

    /// <summary>The base class library: what every .NET program has without a package or the web framework.</summary>
    public static bool IsBcl(string assembly) => CoreNames.Contains(assembly);
}
