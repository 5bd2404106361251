using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Catalog;
using Payments.Application.Shared;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>The subscriptions and payments behind grants (<c>subscription:{id}</c>, <c>purchase:{paymentId}</c>), with what became of their money.</summary>
internal sealed class PaymentGrantSources(IPaymentsDb db) : IGrantSources
{
    private const int MostPaymentsOfASource = 5;
    private const int MostUnpaidShown = 5;

    public async Task<IReadOnlyList<SourceFact>> OfAsync(UserId userId, ResourceReference resource, IReadOnlyCollection<string> sources, CancellationToken cancellationToken)
    {
        var facts = new List<SourceFact>();
        var subscriptions = await db.Subscriptions.AsNoTracking().Where(s => s.UserId == userId).OrderByDescending(s => s.CreatedAt).ToListAsync(cancellationToken);
        var plans = await PlanPrices.AgreedAsync(db, subscriptions.ConvertAll(s => s.PriceId ?? ""), cancellationToken);
        foreach (var subscription in subscriptions)
        {
            var source = $"subscription:{subscription.Id}";
            var plan = subscription.PriceId is { } price ? plans.GetValueOrDefault(price) : null;
            if (sources.Contains(source))
            {
                facts.Add(Of(source, subscription, plan));
                await AddPaymentsAsync(facts, source, db.Payments.Where(p => p.SubscriptionId == subscription.Id), cancellationToken);
            }
            else if (plan is not null && (plan.Terms.Access == resource || plan.Terms.Access == ResourceReference.Platform))
            {
                facts.Add(Of(null, subscription, plan));
            }
        }

        foreach (var (source, id) in sources.Select(s => (s, Id: PaymentIn(s))).Where(s => s.Id is not null))
        {
            await AddPaymentsAsync(facts, source, db.Payments.Where(p => p.UserId == userId && p.Id == id!.Value), cancellationToken);
        }

        // "I paid, and nothing came": the newest that were opened and never paid say why.
        var unpaid = db.Payments.Where(p => p.UserId == userId && p.CompletedAt == null).OrderByDescending(p => p.CreatedAt).Take(MostUnpaidShown);
        facts.AddRange((await unpaid.AsNoTracking().ToListAsync(cancellationToken)).Select(p => Of(null, p)));
        return facts;
    }

    private async Task AddPaymentsAsync(List<SourceFact> facts, string source, IQueryable<Payment> payments, CancellationToken cancellationToken)
    {
        var newest = await payments.AsNoTracking().OrderByDescending(p => p.CreatedAt).Take(MostPaymentsOfASource).ToListAsync(cancellationToken);
        var ids = newest.Select(p => p.Id).ToList();
        var refunds = await db.Refunds.AsNoTracking().Where(r => ids.Contains(r.PaymentId)).ToListAsync(cancellationToken);
        var disputes = await db.Disputes.AsNoTracking().Where(d => ids.Contains(d.PaymentId)).ToListAsync(cancellationToken);
        foreach (var payment in newest)
        {
            facts.Add(Of(source, payment));
            facts.AddRange(refunds.Where(r => r.PaymentId == payment.Id).OrderBy(r => r.CreatedAt).Select(r => new SourceFact(
                source, "refund", r.Id.ToString(), Word(r.Status), r.CreatedAt, null, r.Amount, $"{MoneyText.Format(r.Amount)} of payment {payment.Id} were asked to go back; the refund is {Said(r.Status)}.")));
            facts.AddRange(disputes.Where(d => d.PaymentId == payment.Id).OrderBy(d => d.CreatedAt).Select(d => new SourceFact(
                source, "dispute", d.Id.ToString(), Word(d.Status), d.CreatedAt, d.ClosedAt, d.Amount, $"The payer's bank disputed {MoneyText.Format(d.Amount)} of payment {payment.Id}; the dispute is {Said(d.Status)}.")));
        }
    }

    private static SourceFact Of(string? source, Subscription s, AgreedPlan? plan) => new(
        source, "subscription", s.Id.ToString(), Word(s.Status), s.GatewayCreatedAt ?? s.CreatedAt, s.EndedAt ?? s.CancelAt ?? s.CurrentPeriodEnd, null,
        $"Subscription {s.GatewayId}{(plan is null ? "" : $" to {plan.Name}")} is {Said(s.Status)}"
        + (s.Ending is { } ending ? $", ended by us ({Said(ending)})" : "")
        + (s.PaidUntil is { } paid ? $"; paid until {paid:u}." : "; no period of it was paid."));

    private static SourceFact Of(string? source, Payment p) => new(
        source, "payment", p.Id.ToString(), Word(p.Status), p.CompletedAt ?? p.CreatedAt, null, p.Total ?? p.Amount,
        $"Payment of {MoneyText.Format(p.Total ?? p.Amount)} for {p.Description} is {Said(p.Status)}"
        + (p.Refunded.IsZero ? "" : $", {MoneyText.Format(p.Refunded)} went back")
        + (p.IsPaid ? "." : "; no money has come in."));

    private static PaymentId? PaymentIn(string source) =>
        source.StartsWith("purchase:", StringComparison.Ordinal) && Guid.TryParse(source["purchase:".Length..], out var id) ? new PaymentId(id) : null;

    private static string Word<T>(T state)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    /// <summary>As a sentence has it: <c>partially refunded</c>.</summary>
    private static string Said<T>(T state)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString()).Replace('-', ' ');
}
