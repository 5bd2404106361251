using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Payments.Infrastructure.Tests.Telemetry;

/// <summary>A rule over a metric that nobody records would never fire, and nobody would miss it.</summary>
public sealed partial class Alert_rules
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));
    private static readonly string Guide = File.ReadAllText(Path.Combine(Root, "docs/runbooks/alerts.md"));
    private static readonly string Source = string.Concat(Directory.GetFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("Sandbox", StringComparison.Ordinal)).Select(File.ReadAllText));

    [Fact]
    public void Name_metrics_that_there_are()
    {
        var recorded = Instruments().Matches(Source).SelectMany(m => Names(m.Groups["kind"].Value, m.Groups["name"].Value.Replace('.', '_'))).ToHashSet(StringComparer.Ordinal);
        var named = Mentions().Matches(Guide).Select(m => m.Value).Distinct().ToList();

        recorded.Count.ShouldBeGreaterThan(10);
        named.Count.ShouldBeGreaterThan(8);
        named.ShouldBeSubsetOf(recorded);
    }

    [Theory]
    [InlineData("paid with another amount")]
    [InlineData("paid a second time")]
    [InlineData("failed at every try and is a dead letter now")]
    [InlineData("was refused by the provider")]
    [InlineData("money that is not ours to keep is still with us")]
    [InlineData("The payment provider does not answer: calls are held back")]
    [InlineData("has not deleted the customer")]
    public void Quote_log_lines_that_there_are(string line)
    {
        Guide.ShouldContain(line);
        Source.ShouldContain(line);
    }

    // As the OpenTelemetry Collector's Prometheus exporter names them; every histogram here is in seconds.
    private static IEnumerable<string> Names(string kind, string name) => kind switch
    {
        "Counter" => [name + "_total"],
        "Histogram" => [name + "_seconds_bucket", name + "_seconds_count", name + "_seconds_sum"],
        _ => [name],
    };

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("""Create(?<kind>Counter|Histogram|Gauge)(<\w+>)?\(\s*"(?<name>payments\.[a-z_.]+)""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Instruments();

    [GeneratedRegex(@"\bpayments_[a-z_]+", RegexOptions.None, 5000)]
    private static partial Regex Mentions();
}
