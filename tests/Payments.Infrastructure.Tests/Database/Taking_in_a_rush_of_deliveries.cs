using Payments.Infrastructure.Database;

namespace Payments.Infrastructure.Tests.Database;

/// <summary>When storing goes before applying. How long it may is time's to say, and not tested against a clock.</summary>
public sealed class Taking_in_a_rush_of_deliveries
{
    private const int Crowd = 64;

    private readonly InboxSignal inbox = new();

    [Fact]
    public void a_few_large_batches_are_no_rush()
    {
        Store(Crowd, times: 7);
        inbox.IsRush.ShouldBeFalse();
    }

    [Fact]
    public void large_batches_one_after_another_are_one_until_a_small_one_comes()
    {
        // The rush is over by itself after a pause; a machine that stops right there is given another try.
        Enumerable.Range(0, 100).Any(_ => Rushes()).ShouldBeTrue();

        inbox.Stored(1);
        inbox.IsRush.ShouldBeFalse();

        bool Rushes()
        {
            Store(Crowd, times: 8);
            return inbox.IsRush;
        }
    }

    [Fact]
    public void small_batches_are_none_however_many()
    {
        Store(8, times: 1000);
        inbox.IsRush.ShouldBeFalse();
    }

    [Fact]
    public async Task whoever_waits_for_events_is_woken_all_the_same()
    {
        Store(Crowd, times: 8);
        (await inbox.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None)).ShouldBeTrue();
    }

    private void Store(int together, int times)
    {
        for (var i = 0; i < times; i++)
        {
            inbox.Stored(together);
        }
    }
}
