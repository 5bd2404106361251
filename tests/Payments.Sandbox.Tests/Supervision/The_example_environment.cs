using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Payments.Sandbox.Tests.Supervision;

public sealed partial class The_example_environment
{
    [Fact]
    public void Lists_every_setting_that_the_product_reads_and_no_other()
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));
        var read = Directory.GetFiles(Path.Combine(root, "src/Payments.Infrastructure/Configuration"), "*.cs")
            .SelectMany(file => Reading().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["name"].Value)
            .Distinct()
            .Order()
            .ToList();

        var listed = File.ReadLines(Path.Combine(root, ".env.example"))
            .Select(line => Listing().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups["name"].Value)
            .Order()
            .ToList();

        read.Count.ShouldBeGreaterThan(20);
        listed.ShouldBe(read);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("""reader\.(?:Required|Optional|Whole|Flag|List)\(\s*"(?<name>[A-Z_]+)""", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Reading();

    [GeneratedRegex("^#?(?<name>[A-Z][A-Z_]+)=", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Listing();
}
