using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Tests.Supervision;

public sealed class The_log_of_a_child : IDisposable
{
    private const int Line = 64 * 1024;
    private const long Most = 11 * 1024 * 1024;

    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Never_takes_more_than_two_files_of_ten_mebibytes()
    {
        using var log = new BoundedLog(directory["logs/api.log"]);
        for (var i = 0; i < 600; i++)
        {
            log.Write(new string('x', Line));
            Sizes().ShouldAllBe(size => size < Most);
        }

        Sizes().Count.ShouldBe(2);
        log.LastLines.Length.ShouldBeLessThan(70 * Line);
    }

    [Fact]
    public void Goes_on_where_the_last_run_ended_and_stays_within_its_bound()
    {
        for (var run = 0; run < 30; run++)
        {
            using var log = new BoundedLog(directory["logs/api.log"]);
            for (var i = 0; i < 16; i++)
            {
                log.Write($"run {run} " + new string('x', Line));
            }
        }

        Sizes().ShouldAllBe(size => size < Most);
        File.ReadLines(directory["logs/api.log"]).Last().ShouldStartWith("run 29 ");
    }

    private List<long> Sizes() => [.. Directory.GetFiles(directory["logs"]).Select(file => new FileInfo(file).Length)];
}
