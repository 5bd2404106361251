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
    private static readonly RefundStatus[][] RefundWays =
    [
        [RefundStatus.Succeeded], [RefundStatus.Pending, RefundStatus.Succeeded], [RefundStatus.Succeeded, RefundStatus.Failed],
        [RefundStatus.Pending, RefundStatus.Failed], [RefundStatus.Pending, RefundStatus.Canceled], [RefundStatus.Pending], [],
    ];

    private static readonly DisputeStatus[][] DisputeWays =
    [
        [DisputeStatus.WarningNeedsResponse, DisputeStatus.WarningClosed], [DisputeStatus.WarningNeedsResponse, DisputeStatus.NeedsResponse], [DisputeStatus.NeedsResponse, DisputeStatus.Won],
        [DisputeStatus.NeedsResponse, DisputeStatus.UnderReview, DisputeStatus.Lost], [DisputeStatus.NeedsResponse, DisputeStatus.Lost, DisputeStatus.Won], [DisputeStatus.Prevented],
    ];

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

    private static void MustHold(World world)
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

    private static World Play(History history, IReadOnlyList<int> order, Action<World>? promise = null, HashSet<string>? refused = null, HashSet<ReversalKind>? reversals = null)
    {
        var world = new World(Purchase.Opened(PaymentFlow.Intent), history.Asked);
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

    private static string State(World world)
    {
        var p = world.Payment;
        return $"{p.Status} paid={p.Paid} refunded={p.Refunded} disputed={p.Disputed} lost={p.Lost} refundable={p.Refundable} | "
            + string.Join(" ", world.Refunds.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key} {r.Value.Status}"))
            + string.Join(" ", world.Disputes.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key} {d.Value.Status}"));
    }

    private static Arbitrary<History> Histories => Arb.From(
        from refunds in Few(4, from percent in Gen.Elements(100, 100, 60, 50, 33, 10, 1) from way in Gen.Elements(RefundWays) select (percent, way))
        from asked in Few(3, from percent in Gen.Elements(100, 60, 33, 1) from way in Gen.Elements(RefundWays) select (percent, way))
        from disputes in Few(2, from percent in Gen.Elements(100, 100, 40) from way in Gen.Elements(DisputeWays) select (percent, way))
        let words = Words(refunds, asked, disputes)
        from again in Few(4, Gen.Choose(0, words.Count - 1))
        from order in Gen.Shuffle([.. Enumerable.Range(0, words.Count), .. again])
        select new History([.. asked.Select(a => a.percent)], words, [.. order]),
        history => history.Shorter());

    private static Gen<List<T>> Few<T>(int most, Gen<T> one) => from count in Gen.Choose(0, most) from all in one.ListOf(count) select all.ToList();

    private static List<Word> Words(
        List<(int Percent, RefundStatus[] Way)> refunds, List<(int Percent, RefundStatus[] Way)> asked, List<(int Percent, DisputeStatus[] Way)> disputes)
    {
        var words = new List<Word> { new("it is paid", world => world.Payment.Report(Purchase.OfIntent(ReportedState.Paid), Purchase.Start.AddMinutes(1))) };
        for (var i = 0; i < refunds.Count; i++)
        {
            var (id, amount) = ($"re_{i}", Share(refunds[i].Percent));
            words.AddRange(refunds[i].Way.Select(status => new Word($"{id} of {amount} is {status}", world => world.Refund(id, amount).Report(status, id, null, Purchase.Start.AddHours(1)))));
        }

        for (var i = 0; i < asked.Count; i++)
        {
            var id = $"ask_{i}";
            words.AddRange(asked[i].Way.Select(status => new Word($"{id} is {status}", world => world.Refunds.GetValueOrDefault(id)?.Report(status, id, null, Purchase.Start.AddHours(1)))));
        }

        for (var i = 0; i < disputes.Count; i++)
        {
            var (id, amount) = ($"dp_{i}", Share(disputes[i].Percent));
            words.AddRange(disputes[i].Way.Select(status => new Word($"{id} about {amount} is {status}", world => world.Dispute(id, amount).Report(status, amount, null, null, Purchase.Start.AddHours(1)))));
        }

        return words;
    }

    private static Money Share(int percent) => Purchase.Usd(Purchase.Price.Minor * percent / 100);

    /// <summary>Something that the provider tells.</summary>
    private sealed record Word(string What, Action<World> Happen);

    /// <param name="Asked">Percents of the price that are asked of us, one after the other, before anything else is heard; what does not fit is refused.</param>
    private sealed record History(IReadOnlyList<int> Asked, IReadOnlyList<Word> Words, IReadOnlyList<int> Order)
    {
        public override string ToString() => $"\n  asked of us: {string.Join(", ", Asked)}\n  {string.Join("\n  ", Order.Select((word, i) => string.Create(CultureInfo.InvariantCulture, $"{i + 1}. {Words[word].What}")))}\n";

        /// <summary>One word less, as far as each was said at least once.</summary>
        public IEnumerable<History> Shorter() => Enumerable.Range(0, Words.Count).Skip(1)
            .Select(gone => new History(Asked, [.. Words.Where((_, at) => at != gone)], [.. Order.Where(at => at != gone).Select(at => at > gone ? at - 1 : at)]));
    }

    /// <summary>A payment's rows, kept as the use case keeps them.</summary>
    private sealed class World
    {
        private readonly Payment payment;

        public World(Payment payment, IReadOnlyList<int> asked)
        {
            this.payment = payment;
            for (var i = 0; i < asked.Count; i++)
            {
                payment.Report(Purchase.OfIntent(ReportedState.Paid), Purchase.Start.AddMinutes(1));
                Ask($"ask_{i}", Share(asked[i]));
            }
        }

        public Payment Payment => payment;

        public Dictionary<string, Refund> Refunds { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, Dispute> Disputes { get; } = new(StringComparer.Ordinal);

        public Refund Refund(string id, Money amount)
        {
            if (!Refunds.TryGetValue(id, out var refund))
            {
                Refunds[id] = refund = Domain.Payments.Refunds.Refund.Found(new RefundId(Guid.NewGuid()), payment.Id, id, amount, RefundReason.Other, Purchase.Intent, ofSurplus: false, Purchase.Start);
            }

            return refund;
        }

        public Dispute Dispute(string id, Money amount)
        {
            if (!Disputes.TryGetValue(id, out var dispute))
            {
                Disputes[id] = dispute = new Dispute(new DisputeId(Guid.NewGuid()), payment.Id, id, Purchase.Charge, ofSurplus: false, amount, "general", Purchase.Start);
            }

            return dispute;
        }

        /// <summary>As the use case does: saved before the provider is asked, if it fits.</summary>
        private void Ask(string id, Money amount)
        {
            try
            {
                payment.RequireRefundable(amount);
                Refunds[id] = Domain.Payments.Refunds.Refund.Request(
                    new RefundId(Guid.NewGuid()), payment.Id, amount, RefundReason.Other, RefundOrigin.Api, null, null, null, Purchase.Intent, ofSurplus: false, Purchase.Start);
                Reverse();
            }
            catch (Refusal refusal) when (refusal.Code == "refund.exceeds_refundable")
            {
                (amount > payment.Refundable).ShouldBeTrue();
            }
        }

        public ReversalKind? Reverse() => payment.Reverse(Refunds.Values, Disputes.Values);
    }
}
