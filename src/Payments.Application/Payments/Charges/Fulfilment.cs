using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Contracts;
using Payments.Application.Payments.Items;
using Payments.Application.Payments.Orders;
using Payments.Application.Payments.Refunds;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Charges;

/// <summary>What is known about one payment, from an event or a fetch.</summary>
/// <param name="IfVersion">Apply only if the row is still at this version: it was read before the provider was asked.</param>
internal sealed record PaymentNews(PaymentId PaymentId, PaymentReport? Report, IReadOnlyList<AttemptReport> Attempts, uint? IfVersion = null)
{
    /// <summary>What a subscription's invoice grants once it is paid; null where the payment itself fixes it.</summary>
    public PaymentGrant? Grant { get; init; }

    /// <summary>The subscription's invoice that it settles, for its receipt.</summary>
    public InvoiceSettled? Invoice { get; init; }
}

/// <param name="Key">The business fact, unique over all time.</param>
internal sealed record PaymentGrant(string Key, long Credits, string Reason);

/// <summary>What became of a piece of news.</summary>
/// <param name="Payment">Null when there is no such payment.</param>
/// <param name="Stale">The row changed since the provider was asked: ask again.</param>
internal sealed record NewsResult(Payment? Payment, ReportEffect Effect, bool Stale);

/// <summary>
/// The one function by which money becomes what was bought, whoever brings the news: webhook, return page, poll or
/// replay. Safe to call any number of times. Takes the locks of their orders and of the payments in id order, re-checks
/// their state, grants under unique keys and saves; the caller commits.
/// </summary>
internal sealed class Fulfilment(
    IPaymentsDb db, IEntitlements entitlements, IAccess access, ItemDeliveries items, OrderOutcomes outcomes, Reversals reversals, Refunding refunding, UndeliveredReturns returns, IIdGenerator ids, TimeProvider clock, ILogger<Fulfilment> logger)
{
    public async Task<IReadOnlyList<NewsResult>> ApplyAsync(IReadOnlyList<PaymentNews> news, CancellationToken cancellationToken)
    {
        var wanted = news.Select(n => n.PaymentId).Distinct().ToList();
        var orders = await db.LockOrdersAsync(wanted, cancellationToken);
        var payments = (await db.LockPaymentsAndRivalsAsync(wanted, cancellationToken)).ToDictionary(p => p.Id);
        var versions = payments.ToDictionary(p => p.Key, p => p.Value.Version);
        var stood = payments.ToDictionary(p => p.Key, p => p.Value.Status);
        var attempts = await LoadAttemptsAsync(news, cancellationToken);
        var now = clock.GetUtcNow();

        var results = new NewsResult[news.Count];
        List<Payment> succeeded = [];
        Dictionary<Payment, InvoiceSettled> settled = [];
        List<(Payment Payment, CreditGrant Grant)> grants = [];
        Dictionary<Payment, Money> failed = [];
        Dictionary<Payment, CancelReason> ended = [];
        for (var i = 0; i < results.Length; i++)
        {
            var item = news[i];
            if (!payments.TryGetValue(item.PaymentId, out var payment))
            {
                results[i] = new NewsResult(null, ReportEffect.None, Stale: false);
                continue;
            }

            if (item.IfVersion is { } expected && versions[item.PaymentId] != expected)
            {
                results[i] = new NewsResult(payment, ReportEffect.None, Stale: true);
                continue;
            }

            var effect = item.Report is { } report ? payment.Report(report, now) : ReportEffect.None;
            results[i] = new NewsResult(payment, effect, Stale: false);
            Record(payment, item.Attempts, attempts);
            if (effect == ReportEffect.Succeeded)
            {
                succeeded.Add(payment);
                if (item.Invoice is { } invoice)
                {
                    settled[payment] = invoice;
                }
            }
            else if (effect == ReportEffect.Changed && payment is { Status: PaymentStatus.Failed, Flow: not PaymentFlow.Invoice } && stood[payment.Id] != PaymentStatus.Failed)
            {
                // What an invoice could not collect is told with the way to pay it, see InvoicePaymentFailed.
                failed[payment] = TriedFor(item) ?? payment.Amount;
            }

            if (payment.OrderId is not null && EndOf(payment, item.Report) is { } end)
            {
                ended[payment] = end;
            }

            if (GrantOf(payment, effect, item.Grant) is { } grant)
            {
                grants.Add((payment, grant));
            }
        }

        await outcomes.ApplyAsync(orders, succeeded, ended, now, cancellationToken);
        IReadOnlyList<Payment> forNothing = [];
        if (succeeded.Exists(p => p.ItemId is not null || p.Undelivered is not null || p.HasReversals))
        {
            // All at once: below, users are locked in the order of whatever is done for them.
            await access.LockAsync([.. succeeded.Union(grants.Select(g => g.Payment)).Select(p => p.UserId).Distinct()], cancellationToken);
            forNothing = await items.DeliverAsync(succeeded, cancellationToken);
        }

        await GrantAsync(succeeded, settled, grants, now, cancellationToken);
        foreach (var earlier in forNothing.Except(succeeded))
        {
            returns.Tell(earlier);
        }

        foreach (var (payment, tried) in failed.Where(f => f.Key.Status == PaymentStatus.Failed))
        {
            db.Enqueue(new PaymentFailed(
                payment.Id.Value, payment.UserId.Value, payment.Kind.ToString(), payment.Description, tried.Minor, tried.Currency.Code,
                payment.FailureCode, payment.FailureMessage, now).ToMessage(ids.Next(), now));
        }

        await db.SaveChangesAsync(cancellationToken);
        await ReverseAsync([.. succeeded.Union(grants.Select(g => g.Payment))], cancellationToken);
        await returns.PlanAsync(succeeded.Union(forNothing), cancellationToken);
        await GiveBackSurplusAsync(news, results, cancellationToken);
        foreach (var moved in payments.Values.Where(p => p.Status != stood[p.Id]))
        {
            PaymentTelemetry.Moved(logger, moved);
        }

        return results;
    }

    private async Task GrantAsync(List<Payment> succeeded, Dictionary<Payment, InvoiceSettled> settled, List<(Payment Payment, CreditGrant Grant)> grants, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var balances = new Dictionary<Payment, long>();
        if (grants.Count > 0)
        {
            var after = await entitlements.GrantAsync([.. grants.Select(g => g.Grant)], cancellationToken);
            for (var i = 0; i < grants.Count; i++)
            {
                balances[grants[i].Payment] = after[i];
            }
        }

        foreach (var payment in succeeded)
        {
            var invoice = settled.GetValueOrDefault(payment);
            var paid = payment.Total ?? payment.Amount;
            if (payment.Undelivered is not null)
            {
                returns.Tell(payment);
                continue;
            }

            db.Enqueue(new PaymentSucceeded(
                payment.Id.Value, payment.UserId.Value, payment.Kind.ToString(), payment.Description, paid.Minor, paid.Currency.Code,
                payment.Credits, balances.TryGetValue(payment, out var balance) ? balance : null, now) { Invoice = invoice }.ToMessage(ids.Next(), now));
        }
    }

    /// <summary>What was given back before we heard that it was paid takes its share of what has just been granted.</summary>
    private async Task ReverseAsync(List<Payment> granted, CancellationToken cancellationToken)
    {
        var reversed = granted.Where(p => p.HasReversals).OrderBy(p => p.Id.Value).ToList();
        foreach (var payment in reversed)
        {
            await reversals.SettleAsync(payment, $"payment:{payment.Id}", refuseOwing: false, cancellationToken);
        }

        if (reversed.Count > 0)
        {
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>
    /// A second page of a payment was paid as well (both had been opened, after an answer that never came). Of a
    /// subscription, whose invoices may be paid in parts, a person decides.
    /// </summary>
    private async Task GiveBackSurplusAsync(IReadOnlyList<PaymentNews> news, NewsResult[] results, CancellationToken cancellationToken)
    {
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i] is { Effect: ReportEffect.PaidTwice, Payment: { Kind: not PaymentKind.Subscription } payment } && news[i].Report is { IntentId: { } intent, Total: { Minor: > 0 } paid })
            {
                await refunding.PlanSurplusAsync(payment, paid, intent, RefundOrigin.Automatic, $"paid-twice:{intent}", null, null, cancellationToken);
                returns.Tell(payment, paid, UndeliveredReason.AlreadyPaid);
                await db.SaveChangesAsync(cancellationToken);
            }
        }
    }

    /// <summary>What was to be taken, after discount and tax; null: the news do not tell.</summary>
    private static Money? TriedFor(PaymentNews news) => news.Attempts.LastOrDefault(a => a.Outcome == AttemptOutcome.Failed)?.Amount ?? news.Report?.Total;

    /// <summary>Nobody can pay it any more, and nobody has; null: somebody may.</summary>
    private static CancelReason? EndOf(Payment payment, PaymentReport? report) => payment.Status switch
    {
        PaymentStatus.Expired or PaymentStatus.Canceled => CancelReason.PaymentExpired,
        PaymentStatus.Failed when report is { IsFinal: true } => CancelReason.PaymentFailed,
        _ => null,
    };

    /// <summary>What the payment grants now: what it fixed when it was opened, or what its invoice turned out to be worth.</summary>
    private static CreditGrant? GrantOf(Payment payment, ReportEffect effect, PaymentGrant? ofInvoice)
    {
        if (ofInvoice is not null && payment is { IsPaid: true, Credits: 0 })
        {
            payment.Grants(ofInvoice.Credits);
            return Grant(payment, ofInvoice.Key, ofInvoice.Reason);
        }

        return effect == ReportEffect.Succeeded && payment.Credits > 0 ? Grant(payment, $"grant:payment:{payment.Id}", "purchase") : null;
    }

    private static CreditGrant Grant(Payment payment, string key, string reason) => new(
        payment.UserId,
        key,
        payment.Credits,
        reason,
        payment.Description,
        payment.Id,
        payment.CreditsExpireAfterDays is { } days ? payment.CompletedAt!.Value + TimeSpan.FromDays(days) : null);

    private async Task<Dictionary<(PaymentId, string), PaymentAttempt>> LoadAttemptsAsync(IReadOnlyList<PaymentNews> news, CancellationToken cancellationToken)
    {
        var keys = news.SelectMany(n => n.Attempts).Select(a => a.Key).Distinct().ToList();
        return keys.Count == 0
            ? []
            : await db.PaymentAttempts.Where(a => keys.Contains(a.Key)).ToDictionaryAsync(a => (a.PaymentId, a.Key), cancellationToken);
    }

    private void Record(Payment payment, IReadOnlyList<AttemptReport> reports, Dictionary<(PaymentId, string), PaymentAttempt> known)
    {
        foreach (var report in reports)
        {
            if (!known.TryGetValue((payment.Id, report.Key), out var attempt))
            {
                attempt = known[(payment.Id, report.Key)] = new PaymentAttempt(payment.Id, report.Key, report.Amount, report.At);
                db.PaymentAttempts.Add(attempt);
            }

            attempt.Report(report.Outcome, report.MethodType, report.CardBrand, report.CardLast4, report.Decline?.Code, report.Decline?.SafeMessage);
        }
    }
}
