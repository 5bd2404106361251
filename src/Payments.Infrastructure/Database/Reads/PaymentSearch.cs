using Microsoft.EntityFrameworkCore;
using Payments.Application.Payments.Charges;
using Payments.Application.Shared;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Reads;

/// <summary>Each filter alone has an index to go by; together the database picks the narrowest.</summary>
internal sealed class PaymentSearch(PaymentsDbContext db) : IPaymentSearch
{
    /// <summary>A subscription's payments, at most; one a month for a lifetime.</summary>
    private const int MostOfOneId = 2000;

    public async Task<IReadOnlyList<FoundPayment>> PageAsync(PaymentFilter filter, Cursor? before, int count, CancellationToken cancellationToken)
    {
        var rows = before is { } cursor
            ? db.Payments.FromSql($"SELECT *, xmin FROM payments.payments WHERE (created_at, id) < ({cursor.At}, {cursor.Id})")
            : db.Payments.FromSql($"SELECT *, xmin FROM payments.payments");
        if (filter.Reference is { } reference)
        {
            var (ids, user) = await ReferredToAsync(reference, cancellationToken);
            rows = user is { } owner ? rows.Where(p => p.UserId == owner) : rows.Where(p => ids.Contains(p.Id));
        }

        rows = filter.UserId is { } userId ? rows.Where(p => p.UserId == userId) : rows;
        rows = filter.Payers is { } payers ? rows.Where(p => payers.Contains(p.UserId)) : rows;
        rows = filter.Status is { } status ? rows.Where(p => p.Status == status) : rows;
        rows = filter.Kind is { } kind ? rows.Where(p => p.Kind == kind) : rows;
        rows = filter.Currency is { Code: var currency } ? rows.Where(p => EF.Property<string>(p, "currency") == currency) : rows;
        rows = filter.Least is { } least ? rows.Where(p => (EF.Property<long?>(p, "totalMinor") ?? EF.Property<long>(p, "amountMinor")) >= least) : rows;
        rows = filter.Most is { } most ? rows.Where(p => (EF.Property<long?>(p, "totalMinor") ?? EF.Property<long>(p, "amountMinor")) <= most) : rows;
        rows = filter.AwaitsDecision ? rows.Where(p => EF.Property<long?>(p, "mismatchMinor") != null && EF.Property<MismatchDecision?>(p, "MismatchDecision") == null) : rows;
        if (filter.NeedsAttention)
        {
            var ids = await NeedAttentionAsync(cancellationToken);
            rows = rows.Where(p => ids.Contains(p.Id));
        }

        rows = filter.From?.ToUniversalTime() is { } from ? rows.Where(p => p.CreatedAt >= from) : rows;
        rows = filter.Until?.ToUniversalTime() is { } until ? rows.Where(p => p.CreatedAt < until) : rows;
        var found = await rows.AsNoTracking().OrderByDescending(p => p.CreatedAt).ThenByDescending(p => p.Id).Take(count).ToListAsync(cancellationToken);
        return [.. found.Select(FoundPayment.From)];
    }

    /// <summary>Few at any time; each part has an index of its own.</summary>
    private async Task<List<PaymentId>> NeedAttentionAsync(CancellationToken cancellationToken)
    {
        var found = await db.Database.SqlQuery<Guid>(
            $"""
            SELECT id AS "Value" FROM payments.payments WHERE mismatch_minor IS NOT NULL AND mismatch_decision IS NULL
            UNION SELECT id FROM payments.payments
                WHERE undelivered IS NOT NULL AND status IN ('succeeded', 'partiallyRefunded') AND coalesce(total_minor, amount_minor) > refunded_minor + refunds_requested_minor + lost_minor
            UNION SELECT p.id FROM payments.refunds r JOIN payments.payments p ON p.id = r.payment_id
                WHERE r.status IN ('failed', 'canceled') AND r.origin = 'automatic' AND NOT r.of_surplus
                    AND p.status IN ('succeeded', 'partiallyRefunded') AND coalesce(p.total_minor, p.amount_minor) > p.refunded_minor + p.refunds_requested_minor + p.lost_minor
            UNION SELECT r.payment_id FROM payments.refunds r
                WHERE r.status IN ('failed', 'canceled') AND r.origin <> 'dashboard' AND r.of_surplus
                    AND NOT EXISTS (SELECT FROM payments.refunds o WHERE o.payment_id = r.payment_id AND o.source_id = r.source_id AND o.status NOT IN ('failed', 'canceled'))
            """).ToListAsync(cancellationToken);
        return found.ConvertAll(id => new PaymentId(id));
    }

    private async Task<(List<PaymentId> Ids, UserId? User)> ReferredToAsync(string reference, CancellationToken cancellationToken)
    {
        Guid? ours = Guid.TryParse(reference, out var id) ? id : null;
        var found = await db.Database.SqlQuery<Reference>(
            $"""
            SELECT id AS "Payment", NULL::uuid AS "Owner" FROM payments.payments WHERE session_id = {reference}
            UNION SELECT id, NULL FROM payments.payments WHERE payment_intent_id = {reference}
            UNION SELECT id, NULL FROM payments.payments WHERE charge_id = {reference}
            UNION SELECT id, NULL FROM payments.payments WHERE invoice_id = {reference}
            UNION SELECT payment_id, NULL FROM payments.invoices WHERE number IN ({reference}, {reference.ToUpperInvariant()}) AND payment_id IS NOT NULL
            UNION SELECT payment_id, NULL FROM payments.refunds WHERE gateway_id = {reference}
            UNION SELECT payment_id, NULL FROM payments.disputes WHERE gateway_id = {reference}
            UNION SELECT p.id, NULL FROM payments.subscriptions s JOIN payments.payments p ON p.subscription_id = s.id WHERE s.gateway_id = {reference}
            UNION SELECT s.payment_id, NULL FROM payments.subscriptions s WHERE s.gateway_id = {reference} AND s.payment_id IS NOT NULL
            UNION SELECT NULL, user_id FROM payments.customers WHERE gateway_id = {reference}
            UNION SELECT id, NULL FROM payments.payments WHERE id = {ours}
            UNION SELECT id, NULL FROM payments.payments WHERE order_id = {ours}
            UNION SELECT id, NULL FROM payments.payments WHERE subscription_id = {ours}
            UNION SELECT payment_id, NULL FROM payments.subscriptions WHERE id = {ours} AND payment_id IS NOT NULL
            UNION SELECT payment_id, NULL FROM payments.invoices WHERE id = {ours} AND payment_id IS NOT NULL
            UNION SELECT payment_id, NULL FROM payments.refunds WHERE id = {ours}
            UNION SELECT payment_id, NULL FROM payments.disputes WHERE id = {ours}
            UNION (SELECT NULL, user_id FROM payments.payments WHERE user_id = {ours} LIMIT 1)
            LIMIT {MostOfOneId}
            """).ToListAsync(cancellationToken);
        return ([.. found.Where(f => f.Payment is not null).Select(f => new PaymentId(f.Payment!.Value))], found.Find(f => f.Owner is not null)?.Owner is { } owner ? new UserId(owner) : null);
    }

    private sealed record Reference(Guid? Payment, Guid? Owner);
}
