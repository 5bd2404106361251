using FsCheck;
using FsCheck.Fluent;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Disputes;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Domain.Tests.Charges;

/// <summary>A payment with its refunds and disputes, kept as the use case keeps them.</summary>
internal sealed class MoneyBack
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

    /// <param name="payment">That was opened.</param>
    /// <param name="asked">Percents of the price that are asked of us, one after the other, before anything else is heard; what does not fit is refused.</param>
    public MoneyBack(Payment payment, IReadOnlyList<int> asked)
    {
        Payment = payment;
        for (var i = 0; i < asked.Count; i++)
        {
            payment.Report(Purchase.OfIntent(ReportedState.Paid), Purchase.Start.AddMinutes(1));
            Ask($"ask_{i}", Share(asked[i]));
        }
    }

    /// <summary>What is asked of us, and all that the provider will tell, each refund and dispute in its own order.</summary>
    public static Gen<(IReadOnlyList<int> Asked, IReadOnlyList<Word> Words)> Any =>
        from refunds in Few(4, from percent in Gen.Elements(100, 100, 60, 50, 33, 10, 1) from way in Gen.Elements(RefundWays) select (percent, way))
        from asked in Few(3, from percent in Gen.Elements(100, 60, 33, 1) from way in Gen.Elements(RefundWays) select (percent, way))
        from disputes in Few(2, from percent in Gen.Elements(100, 100, 40) from way in Gen.Elements(DisputeWays) select (percent, way))
        select ((IReadOnlyList<int>)[.. asked.Select(a => a.percent)], (IReadOnlyList<Word>)Words(refunds, asked, disputes));

    public Payment Payment { get; }

    public Dictionary<string, Refund> Refunds { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Dispute> Disputes { get; } = new(StringComparer.Ordinal);

    public static Gen<List<T>> Few<T>(int most, Gen<T> one) => from count in Gen.Choose(0, most) from all in one.ListOf(count) select all.ToList();

    public ReversalKind? Reverse() => Payment.Reverse(Refunds.Values, Disputes.Values);

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

    private Refund Refund(string id, Money amount)
    {
        if (!Refunds.TryGetValue(id, out var refund))
        {
            Refunds[id] = refund = Domain.Payments.Refunds.Refund.Found(new RefundId(Guid.NewGuid()), Payment.Id, id, amount, RefundReason.Other, Purchase.Intent, ofSurplus: false, Purchase.Start);
        }

        return refund;
    }

    private Dispute Dispute(string id, Money amount)
    {
        if (!Disputes.TryGetValue(id, out var dispute))
        {
            Disputes[id] = dispute = new Dispute(new DisputeId(Guid.NewGuid()), Payment.Id, id, Purchase.Charge, ofSurplus: false, amount, "general", Purchase.Start);
        }

        return dispute;
    }

    /// <summary>As the use case does: saved before the provider is asked, if it fits.</summary>
    private void Ask(string id, Money amount)
    {
        try
        {
            Payment.RequireRefundable(amount);
            Refunds[id] = Domain.Payments.Refunds.Refund.Request(
                new RefundId(Guid.NewGuid()), Payment.Id, amount, RefundReason.Other, RefundOrigin.Api, null, null, null, Purchase.Intent, ofSurplus: false, Purchase.Start);
            Reverse();
        }
        catch (Refusal refusal) when (refusal.Code == "refund.exceeds_refundable")
        {
            (amount > Payment.Refundable).ShouldBeTrue();
        }
    }
}

/// <summary>Something that the provider tells of a payment.</summary>
internal sealed record Word(string What, Action<MoneyBack> Happen);
