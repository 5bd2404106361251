using Microsoft.EntityFrameworkCore;
using Payments.Application.Shared;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Database.Reads;

/// <summary>One entry as the database makes it.</summary>
internal sealed record TimelineRow(Guid Id, DateTimeOffset At, string Kind, string What, string Subject, long? Minor, string? Currency, long? Credits, string? Text, Guid? Payment)
{
    public static async Task<IReadOnlyList<TimelineEntry>> EntriesAsync(IQueryable<TimelineRow> rows, CancellationToken cancellationToken) =>
        [.. (await rows.ToListAsync(cancellationToken)).Select(r => r.Entry())];

    private TimelineEntry Entry() => new(
        Id, At, Kind, What, Subject, Minor is { } minor && Currency is { } currency ? new Money(minor, Domain.Shared.Currency.Of(currency)) : null, Credits, Text, Payment is { } payment ? new PaymentId(payment) : null);
}

/// <summary>Money and what sells by itself, with the provider's events about it. An entry's id is made of the row's and of what happened to it, so that every page finds the same.</summary>
internal sealed class PaymentsTimeline(PaymentsDbContext db) : ITimeline
{
    public Task<IReadOnlyList<TimelineEntry>> PageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken)
    {
        var user = userId.Value;
        var (at, id) = (before?.At, before?.Id);
        return TimelineRow.EntriesAsync(
            db.Database.SqlQuery<TimelineRow>(
                $"""
                WITH own AS MATERIALIZED (SELECT * FROM payments.payments WHERE user_id = {user}),
                theirs AS MATERIALIZED (
                    SELECT gateway_id AS id FROM payments.customers WHERE user_id = {user} AND gateway_id IS NOT NULL
                    UNION SELECT gateway_id FROM payments.subscriptions WHERE user_id = {user}
                    UNION SELECT gateway_id FROM payments.invoices WHERE user_id = {user}
                    UNION SELECT id FROM payments.payment_methods WHERE user_id = {user}),
                entry (what, fact, "At", "Kind", "Subject", "Minor", "Currency", "Text", "Payment") AS (
                    SELECT 'payment.opened', id::text, created_at, 'payment', id::text, coalesce(total_minor, amount_minor), currency, description, id FROM own
                    UNION ALL SELECT 'payment.succeeded', id::text, completed_at, 'payment', id::text, coalesce(total_minor, amount_minor), currency, description, id FROM own WHERE completed_at IS NOT NULL
                    UNION ALL SELECT 'payment.' || status, id::text, ended_at, 'payment', id::text, coalesce(total_minor, amount_minor), currency, concat_ws(' ', description, failure_code), id FROM own WHERE ended_at IS NOT NULL
                    UNION ALL SELECT 'payment.attempt', a.payment_id || a.key, a.at, 'payment', a.payment_id::text, a.amount_minor, a.currency,
                            concat_ws(' ', a.outcome, a.method_type, a.card_brand, a.card_last4, a.failure_code), a.payment_id
                        FROM own JOIN payments.payment_attempts a ON a.payment_id = own.id
                    UNION ALL SELECT 'refund.requested', r.id::text, r.created_at, 'refund', r.id::text, r.amount_minor, r.currency, concat_ws(' ', r.reason, r.origin), r.payment_id
                        FROM own JOIN payments.refunds r ON r.payment_id = own.id
                    UNION ALL SELECT 'refund.' || r.status, r.id::text, r.completed_at, 'refund', r.id::text, r.amount_minor, r.currency, r.failure_reason, r.payment_id
                        FROM own JOIN payments.refunds r ON r.payment_id = own.id WHERE r.completed_at IS NOT NULL
                    UNION ALL SELECT 'dispute.opened', d.id::text, d.created_at, 'dispute', d.id::text, d.amount_minor, d.currency, d.reason, d.payment_id
                        FROM own JOIN payments.disputes d ON d.payment_id = own.id
                    UNION ALL SELECT 'dispute.' || d.status, d.id::text, d.closed_at, 'dispute', d.id::text, d.amount_minor, d.currency, d.reason, d.payment_id
                        FROM own JOIN payments.disputes d ON d.payment_id = own.id WHERE d.closed_at IS NOT NULL
                    UNION ALL SELECT 'webhook.received', w.id, w.received_at, 'webhook', w.id, NULL, NULL, concat_ws(' ', w.type, w.status, w.last_error), w.payment_id
                        FROM own JOIN payments.webhook_events w ON w.payment_id = own.id
                    UNION ALL SELECT 'webhook.received', w.id, w.received_at, 'webhook', w.id, NULL, NULL, concat_ws(' ', w.type, w.status, w.last_error), NULL
                        FROM theirs JOIN payments.webhook_events w ON w.payment_id IS NULL AND w.object_id = theirs.id AND (w.type LIKE 'customer.%' OR w.type LIKE 'invoice.%' OR w.type LIKE 'payment\_method.%')
                    UNION ALL SELECT 'subscription.started', id::text, coalesce(gateway_created_at, created_at), 'subscription', id::text, NULL, NULL, gateway_id, payment_id FROM payments.subscriptions WHERE user_id = {user}
                    UNION ALL SELECT 'subscription.cancelRequested', id::text, canceled_at, 'subscription', id::text, NULL, NULL, gateway_id, payment_id FROM payments.subscriptions WHERE user_id = {user} AND canceled_at IS NOT NULL
                    UNION ALL SELECT 'subscription.ended', id::text, ended_at, 'subscription', id::text, NULL, NULL, concat_ws(' ', gateway_id, status, ending), payment_id
                        FROM payments.subscriptions WHERE user_id = {user} AND ended_at IS NOT NULL
                    UNION ALL SELECT 'invoice.issued', id::text, created_at, 'invoice', id::text, total_minor, currency, concat_ws(' ', number, reason, status), payment_id
                        FROM payments.invoices WHERE user_id = {user} AND status <> 'draft'
                    UNION ALL SELECT 'invoice.paid', id::text, paid_at, 'invoice', id::text, amount_paid_minor, currency, number, payment_id FROM payments.invoices WHERE user_id = {user} AND paid_at IS NOT NULL
                    UNION ALL SELECT 'order.placed', id::text, created_at, 'order', id::text, total_minor, currency, status, payment_id FROM payments.orders WHERE user_id = {user}
                    UNION ALL SELECT 'order.' || status, id::text, completed_at, 'order', id::text, total_minor, currency, cancelled, payment_id FROM payments.orders WHERE user_id = {user} AND completed_at IS NOT NULL),
                named AS (SELECT md5(what || fact)::uuid AS "Id", "At", "Kind", what AS "What", "Subject", "Minor", "Currency", NULL::bigint AS "Credits", "Text", "Payment" FROM entry)
                SELECT * FROM named WHERE {at}::timestamptz IS NULL OR ("At", "Id") < ({at}, {id}::uuid) ORDER BY "At" DESC, "Id" DESC LIMIT {count}
                """),
            cancellationToken);
    }
}

/// <summary>Credits and access.</summary>
internal sealed class UsersTimeline(PaymentsDbContext db) : ITimeline
{
    public Task<IReadOnlyList<TimelineEntry>> PageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken)
    {
        var user = userId.Value;
        var (at, id) = (before?.At, before?.Id);
        return TimelineRow.EntriesAsync(
            db.Database.SqlQuery<TimelineRow>(
                $"""
                WITH named AS (
                    (SELECT id AS "Id", at AS "At", 'credits' AS "Kind", 'credits.' || kind AS "What", id::text AS "Subject", NULL::bigint AS "Minor", NULL::text AS "Currency", change AS "Credits",
                            concat_ws(' ', reason, reference) AS "Text", payment_id AS "Payment"
                        FROM users.credit_transactions WHERE user_id = {user} AND ({at}::timestamptz IS NULL OR (at, id) < ({at}, {id}::uuid)) ORDER BY at DESC, id DESC LIMIT {count})
                    UNION ALL SELECT md5('given' || user_id || source)::uuid, starts_at, 'access', 'access.given', source, NULL, NULL, NULL, concat_ws(' ', resource_type, resource_id, state), NULL
                        FROM users.access_grants WHERE user_id = {user}
                    UNION ALL SELECT md5('ends' || user_id || source)::uuid, until, 'access', 'access.ends', source, NULL, NULL, NULL, concat_ws(' ', resource_type, resource_id, state), NULL
                        FROM users.access_grants WHERE user_id = {user} AND until IS NOT NULL
                    UNION ALL (SELECT id, at, 'access', 'access.' || CASE state WHEN 'given' THEN 'restored' ELSE state END, source, NULL, NULL, NULL, concat_ws(' ', resource_type, resource_id), NULL
                        FROM users.access_changes WHERE user_id = {user} AND ({at}::timestamptz IS NULL OR (at, id) < ({at}, {id}::uuid)) ORDER BY at DESC, id DESC LIMIT {count}))
                SELECT * FROM named WHERE {at}::timestamptz IS NULL OR ("At", "Id") < ({at}, {id}::uuid) ORDER BY "At" DESC, "Id" DESC LIMIT {count}
                """),
            cancellationToken);
    }
}

/// <summary>What the person was told.</summary>
internal sealed class NoticesTimeline(PaymentsDbContext db) : ITimeline
{
    public Task<IReadOnlyList<TimelineEntry>> PageAsync(UserId userId, Cursor? before, int count, CancellationToken cancellationToken)
    {
        var user = userId.Value;
        var (at, id) = (before?.At, before?.Id);
        return TimelineRow.EntriesAsync(
            db.Database.SqlQuery<TimelineRow>(
                $"""
                SELECT id AS "Id", created_at AS "At", 'notice' AS "Kind", 'notice.' || status AS "What", id::text AS "Subject", NULL::bigint AS "Minor", NULL::text AS "Currency", NULL::bigint AS "Credits",
                    concat_ws(' ', channel, template, effect_key) AS "Text", NULL::uuid AS "Payment"
                FROM notifications.notifications WHERE user_id = {user} AND ({at}::timestamptz IS NULL OR (created_at, id) < ({at}, {id}::uuid)) ORDER BY created_at DESC, id DESC LIMIT {count}
                """),
            cancellationToken);
    }
}
