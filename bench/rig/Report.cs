using System.Text.Json.Nodes;

namespace Rig;

/// <summary>
/// What bench/run measured, beside the bars. A ratio is taken within one repeat, where both sides saw the same machine;
/// shown are the median and the range of the repeats.
/// </summary>
public sealed class Report
{
    private readonly List<JsonNode> results;
    private bool missed;

    private Report(List<JsonNode> results) => this.results = results;

    /// <summary>Returns 1 when <paramref name="check"/> is set and a bar is missed.</summary>
    public static int Print(string file, bool check)
    {
        var report = new Report([.. File.ReadLines(file).Select(line => JsonNode.Parse(line)!)]);
        report.Print();
        return check && report.missed ? 1 : 0;
    }

    private void Print()
    {
        Console.WriteLine("| measured | baseline | Payments | ratio: median (range) | bar | goal | |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var connections in Of("burst", "express").Select(r => (int)r["concurrency"]!).Distinct().Order())
        {
            var at64 = connections == 64;
            Versus($"acknowledged events/s, {connections} connections", "burst", "burst", "rps", connections, at64 ? 4 : null, at64 ? 8 : null);
            Versus($"p99 of the answer, ms, {connections} connections", "burst", "burst", "p99", connections, at64 ? 1 : null, null, lessIsBetter: true);
            Versus($"fulfilled end to end, events/s, {connections} connections", "burst", "sustained", "rps", connections, at64 ? 2 : null, at64 ? 3.5 : null);
        }

        Versus("CPU of refusing a forged delivery, µs", "forged", "forged", "cpuUs", null, null, null, lessIsBetter: true, goalOfValue: 30);
        if (Of("visible", "product") is { Count: > 0 } visible)
        {
            var rate = Median(visible.Select(r => (double)r["concurrency"]!));
            Single($"posted → credits visible at {rate:0}/s, p50 ms", visible.Select(r => (double)r["p50"]!), null, null);
            Single($"posted → credits visible at {rate:0}/s, p99 ms", visible.Select(r => (double)r["p99"]!), null, 50);
        }

        Single("API memory, highest resident MB", Of("memory", "product").Select(r => (double)r["mb"]!), 250, 150);
        Between("history page, p50 ms", "p50", null);
        Between("history page, p99 ms", "p99", 1.5);

        Console.WriteLine();
        Console.WriteLine("| burst of | connections | events/s (range) | p50 ms | p99 ms | server CPU µs/event | PostgreSQL CPU µs/event | other CPU in use, cores |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var group in results.Where(r => (string)r["phase"]! == "burst").GroupBy(r => ((string)r["label"]!, (int)r["concurrency"]!)))
        {
            double Middle(Func<JsonNode, double> field) => Median(group.Select(field));
            Console.WriteLine($"| {group.Key.Item1} | {group.Key.Item2} | {Middle(r => (double)r["rps"]!):0} ({group.Min(r => (double)r["rps"]!):0}–{group.Max(r => (double)r["rps"]!):0}) "
                + $"| {Middle(r => (double)r["p50"]!):0.0} | {Middle(r => (double)r["p99"]!):0.0} | {Middle(r => (double)r["watched"]!["srv"]!["cpuUs"]!):0} "
                + $"| {Middle(r => (double)r["watched"]!["pg"]!["cpuUs"]!):0} | {Middle(r => (double)r["othersCores"]!):0.0} |");
        }

        foreach (var group in results.Where(r => (string)r["phase"]! == "sustained").GroupBy(r => (int)r["concurrency"]!))
        {
            Console.WriteLine($"| product, until all is fulfilled | {group.Key} | {Median(group.Select(r => (double)r["rps"]!)):0} | | "
                + $"| {Median(group.Select(r => (double)r["serverUs"]!)):0} | {Median(group.Select(r => (double)r["databaseUs"]!)):0} | |");
        }
    }

    /// <summary>Payments against Express.</summary>
    private void Versus(
        string what, string baselinePhase, string phase, string field, int? connections, double? bar, double? goal, bool lessIsBetter = false, double? goalOfValue = null)
    {
        var baseline = ByRun(baselinePhase, "express", field, connections);
        var product = ByRun(phase, "product", field, connections);
        var ratios = product.Where(p => baseline.ContainsKey(p.Key)).Select(p => p.Value / baseline[p.Key]).ToList();
        if (ratios.Count == 0)
        {
            return;
        }

        var sign = lessIsBetter ? "≤" : "≥";
        var value = goalOfValue is null ? Median(ratios) : Median(product.Values);
        Row(what, $"{Median(baseline.Values):0.#}", $"{Median(product.Values):0.#}", Range(ratios), bar is { } b ? $"{sign} {b}×" : "",
            goalOfValue is { } g ? $"{sign} {g}" : goal is { } r ? $"{sign} {r}×" : "", value, bar, goalOfValue ?? goal, lessIsBetter);
    }

    private void Single(string what, IEnumerable<double> values, double? bar, double? goal)
    {
        if (values.ToList() is { Count: > 0 } all)
        {
            Row(what, "", $"{Median(all):0.#} ({all.Min():0.#}–{all.Max():0.#})", "", bar is null ? "" : $"≤ {bar}", goal is null ? "" : $"≤ {goal}", Median(all), bar, goal, lessIsBetter: true);
        }
    }

    /// <summary>The large history against the small one.</summary>
    private void Between(string what, string field, double? bar)
    {
        var small = ByRun("history", "small", field, null);
        var large = ByRun("history", "large", field, null);
        var ratios = large.Where(p => small.ContainsKey(p.Key)).Select(p => p.Value / small[p.Key]).ToList();
        if (ratios.Count > 0)
        {
            Row(what + ": 10 thousand rows, 1 million rows", $"{Median(small.Values):0.0}", $"{Median(large.Values):0.0}", Range(ratios), bar is null ? "" : $"≤ {bar}×", "", Median(ratios), bar, null, lessIsBetter: true);
        }
    }

    private void Row(string what, string baseline, string product, string ratio, string barText, string goalText, double value, double? bar, double? goal, bool lessIsBetter)
    {
        bool Holds(double limit) => lessIsBetter ? value <= limit : value >= limit;
        var verdict = bar is { } b && !Holds(b) ? "MISSED" : goal is { } g && !Holds(g) ? "not yet the goal" : bar is null && goal is null ? "" : "met";
        missed |= verdict == "MISSED";
        Console.WriteLine($"| {what} | {baseline} | {product} | {ratio} | {barText} | {goalText} | {verdict} |");
    }

    private List<JsonNode> Of(string phase, string label) => [.. results.Where(r => (string)r["phase"]! == phase && (string)r["label"]! == label)];

    private Dictionary<int, double> ByRun(string phase, string label, string field, int? connections) => Of(phase, label)
        .Where(r => connections is null || (int)r["concurrency"]! == connections)
        .ToDictionary(r => (int)r["run"]!, r => (double)(r[field] ?? r["watched"]!["srv"]![field])!);

    private static string Range(List<double> ratios) => $"{Median(ratios):0.00}× ({ratios.Min():0.00}–{ratios.Max():0.00})";

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
