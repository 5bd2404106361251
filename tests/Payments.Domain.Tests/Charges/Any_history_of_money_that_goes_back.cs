using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

/// <summary>
/// The real payment with its real refunds and disputes, over random histories: what is asked of us, made in the
/// provider's pages, fails late, is disputed, escalated, won and lost; each word of the provider's once or several times
/// and in any order, the one that it was paid too.
/// </summary>
public sealed class Any_history_of_money_that_goes_back
{
    [Fact]
    public void Never_gives_back_more_than_was_paid_and_stands_where_its_sums_say() => Prop
        .ForAll(Histories, history => Play(history, history.Order, MustHold))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60));

    [Fact]
    public void Ends_the_same_whatever_the_order_and_number_of_its_events() => Prop
        .ForAll(Histories, history => State(Play(history, history.Order)).ShouldBe(State(Play(history, [.. Enumerable.Range(0, history.Words.Count)]))))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60));

    [Fact]
    public void Goes_everywhere_that_it_should()
    {
        var ends = new Dictionary<PaymentStatus, int>();
        var (refused, reversals) = (new HashSet<string>(), new HashSet<ReversalKind>());
        foreach (var history in Histories.Generator.Sample(500, new Rnd(2026), 60))
        {
            var end = Play(history, history.Order, _ => { }, refused, reversals).Payment.Status;
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        ends.Keys.Order().ShouldBe([PaymentStatus.Succeeded, PaymentStatus.PartiallyRefunded, PaymentStatus.Refunded, PaymentStatus.Disputed, PaymentStatus.Lost]);
        ends.Values.ShouldAllBe(n => n > 10, string.Join(", ", ends));
        refused.Order().ShouldBe(["refund.disputed", "refund.exceeds_refundable", "refund.not_paid"]);
        reversals.Order().ShouldBe(Enum.GetValues<ReversalKind>());
    }

    private static void MustHold(MoneyBack world)
    {
        var (payment, paid) = (world.Payment, world.Payment.Paid.Minor);
        (payment.Reversed.Minor, payment.Refunded.Minor).ShouldSatisfyAllConditions(
            sums => sums.Item1.ShouldBeInRange(0, paid, "no more goes back than came in"),
            sums => (payment.IsPaid ? sums.Item2 : 0).ShouldBeInRange(0, paid, "no more is refunded than was paid"));
        (payment.Reversed + payment.Refundable).ShouldBe(payment.Paid, "what has not gone back can go back");
        if (!payment.IsPaid)
        {
            return;
        }

        var refunded = world.Refunds.Values.Where(r => r.Status is RefundStatus.Pending or RefundStatus.Succeeded).Sum(r => r.Amount.Minor);
        var open = world.Disputes.Values.Any(d => d.Status is DisputeStatus.NeedsResponse or DisputeStatus.UnderReview);
        payment.Status.ShouldBe(
            open ? PaymentStatus.Disputed
            : world.Disputes.Values.Any(d => d.Status == DisputeStatus.Lost) ? PaymentStatus.Lost
            : refunded == 0 ? PaymentStatus.Succeeded
            : refunded < paid ? PaymentStatus.PartiallyRefunded
            : PaymentStatus.Refunded);
    }

    private static MoneyBack Play(History history, IReadOnlyList<int> order, Action<MoneyBack>? promise = null, HashSet<string>? refused = null, HashSet<ReversalKind>? reversals = null)
    {
        var world = new MoneyBack(Purchase.Opened(PaymentFlow.Intent), history.Asked);
        foreach (var index in order)
        {
            history.Words[index].Happen(world);
            if (world.Reverse() is { } kind)
            {
                reversals?.Add(kind);
            }

            // Somebody of ours asks for a little more at any time; it is refused or fits.
            try
            {
                world.Payment.RequireRefundable(Purchase.Usd(1));
                world.Payment.Refundable.Minor.ShouldBePositive();
            }
            catch (Refusal refusal)
            {
                refused?.Add(refusal.Code);
            }

            promise?.Invoke(world);
        }

        return world;
    }

    private static string State(MoneyBack world)
    {
        var p = world.Payment;
        return $"{p.Status} paid={p.Paid} refunded={p.Refunded} disputed={p.Disputed} lost={p.Lost} refundable={p.Refundable} | "
            + string.Join(" ", world.Refunds.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key} {r.Value.Status}"))
            + string.Join(" ", world.Disputes.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key} {d.Value.Status}"));
    }

    private static Arbitrary<History> Histories => Arb.From(
        from money in MoneyBack.Any
        from again in MoneyBack.Few(4, Gen.Choose(0, money.Words.Count - 1))
        from order in Gen.Shuffle([.. Enumerable.Range(0, money.Words.Count), .. again])
        select new History(money.Asked, money.Words, [.. order]),
        history => history.Shorter());

    /// <param name="Asked">Percents of the price that are asked of us, one after the other, before anything else is heard; what does not fit is refused.</param>
    private sealed record History(IReadOnlyList<int> Asked, IReadOnlyList<Word> Words, IReadOnlyList<int> Order)
    {
        public override string ToString() => $"\n  asked of us: {string.Join(", ", Asked)}\n  {string.Join("\n  ", Order.Select((word, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {Words[word].What}")))}\n";

        /// <summary>One word less, as far as each was said at least once.</summary>
        public IEnumerable<History> Shorter() => Enumerable.Range(0, Words.Count).Skip(1)
            .Select(gone => new History(Asked, [.. Words.Where((_, at) => at != gone)], [.. Order.Where(at => at != gone).Select(at => at > gone ? at - 1 : at)]));
    }
}
