using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Payments.Application.Payments.Catalog;
using Payments.Application.Payments.Charges;
using Payments.Application.Payments.Contracts;
using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.PaymentMethods;
using Payments.Application.Payments.Refunds;
using Payments.Application.Shared;
using Payments.Application.Users.Contracts;
using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Payments.Invoices;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;
using Payments.Domain.Users.Entitlements;

namespace Payments.Application.Payments.Subscriptions;

/// <summary>Whose a subscription is. The customer row is the lock under which all of a user's subscriptions are compared.</summary>
internal sealed record SubscriptionOwner(UserId UserId, Guid CustomerId, PaymentId? PaymentId);

/// <summary>What is known of one subscription, from events or fetched.</summary>
/// <param name="IfVersion">Apply only if the row is still at this version: it was read before the provider was asked.</param>
internal sealed record SubscriptionNews(string GatewayId, IReadOnlyList<SubscriptionState> States, IReadOnlyList<InvoiceState> Invoices, CheckoutState? Session, bool IsFresh, uint? IfVersion = null);

/// <summary>What became of the news.</summary>
/// <param name="AskProvider">What came does not tell all: ask for the whole subscription.</param>
internal sealed record SubscriptionResult(SubscriptionId Id, bool AskProvider, bool Stale, ReportEffect? Payment);

/// <summary>
/// The one function by which a subscription moves, whoever brings the news: webhook, return page, answer to a change of
/// ours, or due work. Safe to call any number of times and in any order. Locks the customer, its subscriptions, the
/// payments, the user; applies; settles invoices as payments; grants; sets access; saves. The caller commits.
/// </summary>
internal sealed class SubscriptionUpdates(
    IPaymentsDb db, SubscriptionRivals rivals, Fulfilment fulfilment, UndeliveredReturns returns, IAccess access, SubscriptionOptions options, CardOptions cards, IIdGenerator ids, TimeProvider clock, ILogger<SubscriptionUpdates> logger)
{
    public async Task<SubscriptionResult> ApplyAsync(SubscriptionOwner owner, SubscriptionNews news, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await db.LockCustomerAsync(owner.CustomerId, cancellationToken);
        await db.AddSubscriptionIfMissingAsync(Subscription.Heard(new SubscriptionId(ids.Next()), owner.UserId, news.GatewayId, owner.PaymentId, now), cancellationToken);
        var all = await db.LockSubscriptionsAsync(owner.UserId, cancellationToken);
        var subscription = all.Single(s => s.GatewayId == news.GatewayId);
        if (news.IfVersion is { } expected && subscription.Version != expected)
        {
            return new SubscriptionResult(subscription.Id, AskProvider: false, Stale: true, null);
        }

        if (!news.IsFresh && !subscription.IsKnown && news.States.Count == 0)
        {
            // A payment that has succeeded shows its subscription too, so one is not told without the other.
            return new SubscriptionResult(subscription.Id, AskProvider: true, Stale: false, null);
        }

        var known = await db.Invoices.Where(i => i.SubscriptionId == subscription.Id).ToListAsync(cancellationToken);
        var plans = await PlansAsync(subscription, news, known, cancellationToken);
        var (wasLive, wasPaidBy, trialBefore) = (subscription.IsLive, PaidBy(subscription), (subscription.TrialStart, subscription.CardFingerprint));
        var notEnding = all.Where(s => s.Ending is null).ToList();
        var doubtful = ReportStates(subscription, news, plans);
        ReportInvoices(owner, subscription, news, known);
        subscription.Paid(known);
        subscription.PlaceInFamily(known, price => plans.GetValueOrDefault(price)?.Terms.Family);
        var unplaced = SubscriptionRivals.JudgeFamilies(subscription, all, heard: news.IsFresh || news.States.Count > 0, now);
        await rivals.JudgeTrialsAsync(subscription, all, known, isNew: (subscription.TrialStart, subscription.CardFingerprint) != trialBefore, now, cancellationToken);

        var incomplete = IsIncomplete(subscription, known);
        var results = await SettleAsync(subscription, known, plans, news, cancellationToken);
        var asks = !news.IsFresh && (doubtful || incomplete || unplaced || results.Any(r => r.Effect == ReportEffect.Doubtful));
        var left = await JudgeReversalsAsync(subscription, now, cancellationToken);
        var graceEnd = subscription.GraceEnd(options.Access);
        var graceOver = subscription.EndGrace(options.Access, now);
        await SetAccessAsync(subscription, plans, left, now, cancellationToken);
        subscription.Schedule(options.Access, options.Notices, leavesOpen: known.Exists(i => i.Status == InvoiceStatus.Open), now);
        Tell(subscription, plans, wasLive, graceOver ? graceEnd : null, now);
        TellInvoices(subscription, plans, known, news, results, now);
        await TellRefusedAsync(notEnding.Where(s => s.Ending is EndingReason.Superseded or EndingReason.TrialRepeated), now, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        if (PaidBy(subscription) != wasPaidBy)
        {
            (await db.LockWalletAsync(owner.CustomerId, cards.ExpiryNotice, cancellationToken)).PayersMoved();
            await db.SaveChangesAsync(cancellationToken);
        }

        SubscriptionTelemetry.Applied(logger, subscription);
        return new SubscriptionResult(subscription.Id, asks, Stale: false, results.FirstOrDefault(r => r.Effect is ReportEffect.Mismatch or ReportEffect.PaidTwice)?.Effect);
    }

    /// <summary>What only the provider can tell: the card behind a trial, the intent behind an invoice, the other invoices of a period that was changed.</summary>
    private static bool IsIncomplete(Subscription subscription, List<Invoice> invoices) =>
        (subscription is { IsTrialing: true, CardFingerprint: null })
        || (subscription.LatestInvoiceId is { } latest && invoices.TrueForAll(i => i.GatewayId != latest))
        || invoices.Exists(i => i is { IntentId: null, AmountDue.Minor: > 0, Status: InvoiceStatus.Paid or InvoiceStatus.Open })
        || invoices.Exists(i => i is { Reason: BillingReason.SubscriptionUpdate, Status: InvoiceStatus.Paid, PaymentId: null, Total.Minor: > 0 });

    private static string? PaidBy(Subscription subscription) => subscription.IsLive ? subscription.PaymentMethodId : null;

    private Task<Dictionary<string, AgreedPlan>> PlansAsync(Subscription subscription, SubscriptionNews news, List<Invoice> known, CancellationToken cancellationToken)
    {
        var priceIds = news.States.Select(s => s.Report.PriceId).Concat(subscription.PriceId is { } now ? [now] : []).Concat(subscription.Prices.Select(p => p.PriceId))
            .Concat(news.Invoices.SelectMany(i => i.Report.Lines).Concat(known.SelectMany(i => i.Lines)).Select(l => l.PriceId).OfType<string>()).Distinct().ToList();
        return PlanPrices.AgreedAsync(db, priceIds, cancellationToken);
    }

    private static bool ReportStates(Subscription subscription, SubscriptionNews news, Dictionary<string, AgreedPlan> plans)
    {
        var doubtful = false;
        foreach (var state in news.States.OrderBy(s => s.Report.At))
        {
            doubtful |= subscription.Report(state.Report with { IsFresh = news.IsFresh }, state.CreatedAt, plans.GetValueOrDefault(state.Report.PriceId)) == SubscriptionEffect.Doubtful;
        }

        return doubtful;
    }

    private void ReportInvoices(SubscriptionOwner owner, Subscription subscription, SubscriptionNews news, List<Invoice> known)
    {
        foreach (var state in news.Invoices)
        {
            var invoice = known.Find(i => i.GatewayId == state.InvoiceId);
            if (invoice is null)
            {
                invoice = new Invoice(new InvoiceId(ids.Next()), owner.UserId, state.InvoiceId, state.CreatedAt);
                known.Add(invoice);
                db.Invoices.Add(invoice);
            }

            invoice.BelongsTo(subscription.Id);
            invoice.Report(state.Report);
        }
    }

    /// <summary>Each paid invoice is a payment; the first one is the payment whose checkout began it all. Grants what its invoices are worth, gives back what a loser was paid.</summary>
    private async Task<IReadOnlyList<NewsResult>> SettleAsync(Subscription subscription, List<Invoice> invoices, Dictionary<string, AgreedPlan> plans, SubscriptionNews news, CancellationToken cancellationToken)
    {
        // What a change grants depends on what went before it in its period, so it waits until all of it is known.
        // What was paid too late goes back where it came from, which only the provider may know yet.
        var due = invoices.Where(i => news.IsFresh || i.IntentId is not null || !subscription.IsTooLate(i)).Where(i => i.PaymentId is not null || (IsOwed(i) && (news.IsFresh || i.Reason != BillingReason.SubscriptionUpdate))).OrderBy(i => i.CreatedAt).ToList();
        foreach (var invoice in due.Where(i => i.PaymentId is null))
        {
            invoice.SettledBy(await PaymentForAsync(subscription, invoice, plans, cancellationToken));
        }

        var began = subscription.PaymentId is { } id && (news.Session is not null || due.Exists(i => i.PaymentId == id)) ? id : (PaymentId?)null;
        var wanted = due.Select(i => i.PaymentId!.Value).Concat(began is { } first ? [first] : []).Distinct().ToList();
        if (wanted.Count == 0)
        {
            return [];
        }

        // New payments are saved first, so that all of them are locked in the same order by everybody.
        await db.SaveChangesAsync(cancellationToken);
        var payments = (await db.LockPaymentsAsync(wanted, cancellationToken)).ToDictionary(p => p.Id);
        var granted = PeriodCredits.Granted(invoices.Where(i => !subscription.IsTooLate(i) && !subscription.IsForfeit(i)), price => plans.GetValueOrDefault(price)?.Terms);
        var tooLate = due.Where(i => i.IntentId is not null && subscription.IsTooLate(i)).Select(i => payments[i.PaymentId!.Value]).ToList();
        tooLate.FindAll(p => !p.IsPaid).ForEach(p => p.BoughtNothing(UndeliveredReason.SubscriptionEnded));
        var told = new List<PaymentNews>();
        foreach (var invoice in due.Where(i => payments.ContainsKey(i.PaymentId!.Value)))
        {
            var payment = payments[invoice.PaymentId!.Value];
            payment.Invoiced(subscription.Id, invoice.GatewayId);
            if (InvoiceReports.From(invoice, news) is { } report)
            {
                told.Add(new PaymentNews(payment.Id, report, InvoiceReports.AttemptsOf(invoice, news, clock.GetUtcNow()))
                {
                    Grant = GrantOf(subscription, invoice, payment, granted.GetValueOrDefault(invoice.GatewayId)),
                    Invoice = new InvoiceSettled(
                        invoice.Number, invoice.HostedUrl, PlanOf(invoice, plans)?.Name ?? payment.Description, invoice.Reason == BillingReason.SubscriptionCycle, invoice.PeriodStart, invoice.PeriodEnd),
                });
            }
        }

        if (began is { } checkout && news.Session is { } session)
        {
            told.Add(new PaymentNews(checkout, GatewayReports.From(session) with { IsFresh = news.IsFresh }, []));
            payments[checkout].Invoiced(subscription.Id, null);
        }

        var results = await fulfilment.ApplyAsync(told, cancellationToken);
        foreach (var (payment, amount) in due.Select(i => (Payment: payments[i.PaymentId!.Value], subscription.ForfeitOf(i))).Where(f => IsKept(f.Payment)).OrderBy(f => f.Payment.Id.Value))
        {
            await returns.PlanAsync(payment, amount, cancellationToken);
        }

        foreach (var payment in tooLate.Where(p => p.Undelivered is null && IsKept(p)).OrderBy(p => p.Id.Value))
        {
            await TakeTooLateAsync(payment, cancellationToken);
        }

        return results;
    }

    /// <summary>That the subscription had ended by then is heard of only after the payment: what it granted is taken back with its money.</summary>
    private async Task TakeTooLateAsync(Payment payment, CancellationToken cancellationToken)
    {
        payment.BoughtNothing(UndeliveredReason.SubscriptionEnded);
        returns.Tell(payment, payment.Refundable, UndeliveredReason.SubscriptionEnded);
        await returns.PlanAsync([payment], cancellationToken);
    }

    /// <summary>Paid, or tried in vain: before that nobody needs to see it among the payments.</summary>
    private static bool IsOwed(Invoice invoice) => invoice.Status switch
    {
        InvoiceStatus.Paid => invoice.Total.Minor > 0 || invoice.Reason == BillingReason.SubscriptionCreate,
        InvoiceStatus.Open or InvoiceStatus.Uncollectible or InvoiceStatus.Void => invoice is { AttemptCount: > 0, AmountDue.Minor: > 0 },
        _ => false,
    };

    private async Task<PaymentId> PaymentForAsync(Subscription subscription, Invoice invoice, Dictionary<string, AgreedPlan> plans, CancellationToken cancellationToken)
    {
        if (invoice.Reason == BillingReason.SubscriptionCreate && subscription.PaymentId is { } began)
        {
            return began;
        }

        var known = await db.Payments.Where(p => p.InvoiceId == invoice.GatewayId).Select(p => (PaymentId?)p.Id).FirstOrDefaultAsync(cancellationToken);
        if (known is { } there)
        {
            return there;
        }

        var payment = Payment.ForInvoice(new PaymentId(ids.Next()), subscription, invoice, PlanOf(invoice, plans), invoice.CreatedAt);
        db.Payments.Add(payment);
        return payment.Id;
    }

    private static AgreedPlan? PlanOf(Invoice invoice, Dictionary<string, AgreedPlan> plans) =>
        invoice.Lines.OrderBy(l => l.IsProration).ThenByDescending(l => l.Amount.Minor).Select(l => l.PriceId is { } price ? plans.GetValueOrDefault(price) : null).FirstOrDefault(p => p is not null);

    private static PaymentGrant? GrantOf(Subscription subscription, Invoice invoice, Payment payment, long credits)
    {
        if (credits == 0 || payment.Credits > 0)
        {
            return null;
        }

        var key = invoice is { Reason: BillingReason.SubscriptionCreate or BillingReason.SubscriptionCycle, PeriodStart: { } start }
            ? $"grant:subscription:{subscription.Id}:{start.ToUnixTimeSeconds()}"
            : $"grant:invoice:{invoice.GatewayId}";
        return new PaymentGrant(key, credits, "subscription");
    }

    /// <summary>Its money is still here, and can be given back.</summary>
    private static bool IsKept(Payment payment) => payment is { Status: PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded, IntentId: not null, Refundable.Minor: > 0 };

    /// <summary>
    /// One that was paid with money that goes back ends with it, even if that was heard of only when it was over (a dispute
    /// that was won, a refund that failed): the order of the news decides nothing.
    /// </summary>
    /// <returns>What is left of what was paid.</returns>
    private async Task<AccessState> JudgeReversalsAsync(Subscription subscription, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var payments = await db.Payments.AsNoTracking()
            .Where(p => p.SubscriptionId == subscription.Id && p.CompletedAt != null && (db.Refunds.Any(r => r.PaymentId == p.Id) || db.Disputes.Any(d => d.PaymentId == p.Id)))
            .ToListAsync(cancellationToken);
        if (payments.Count == 0)
        {
            return AccessState.Given;
        }

        var paidBy = payments.ConvertAll(p => p.Id);
        var refunds = (await db.Refunds.AsNoTracking().Where(r => paidBy.Contains(r.PaymentId) && !r.OfSurplus).ToListAsync(cancellationToken)).ToLookup(r => r.PaymentId);
        var disputes = await db.Disputes.AsNoTracking().Where(d => paidBy.Contains(d.PaymentId) && !d.OfSurplus).ToListAsync(cancellationToken);
        var givenBack = payments.Where(p => !refunds[p.Id].Any(r => r is { Counts: true, CancelsSubscription: false })).ToList();
        var wasGivenBack = givenBack.Exists(p => p.Status == PaymentStatus.Refunded || refunds[p.Id].Any(r => r is { Status: RefundStatus.Failed, GatewayId: not null, CancelsSubscription: true } && r.Amount == p.Paid));
        if (wasGivenBack || disputes.Exists(d => d.TookMoney))
        {
            subscription.End(EndingReason.Reversed, now);
        }

        return payments.Exists(p => p.Status == PaymentStatus.Lost) || givenBack.Exists(p => p.Status == PaymentStatus.Refunded) ? AccessState.Revoked
            : payments.Exists(p => p.Status == PaymentStatus.Disputed) ? AccessState.Paused
            : AccessState.Given;
    }

    private async Task SetAccessAsync(Subscription subscription, Dictionary<string, AgreedPlan> plans, AccessState left, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (subscription.PriceId is not { } price || !plans.TryGetValue(price, out var plan) || subscription.GatewayCreatedAt is not { } start)
        {
            return;
        }

        var until = subscription.Ending == EndingReason.Reversed && left == AccessState.Revoked ? null : subscription.AccessUntil(options.Access);
        var state = until is null ? AccessState.Revoked : subscription.Ending == EndingReason.Reversed ? left : AccessState.Given;
        var shown = state != AccessState.Given || until <= now ? null : subscription.Status == SubscriptionStatus.Trialing ? subscription.TrialEnd : subscription.PaidUntil;
        await access.SetAsync(
            [
                new AccessSetting(
                    subscription.UserId, $"subscription:{subscription.Id}", plan.Terms.Access, start, until ?? subscription.EndedAt ?? now,
                    state,
                    shown is { } expires ? new SubscriptionShown(plan.Terms.Type, subscription.CancelAt is { } cancel && cancel < expires ? cancel : expires) : null),
            ],
            cancellationToken);
    }

    /// <param name="graceOver">When the grace of one that the provider has given up was over, if it has just become so.</param>
    private void Tell(Subscription subscription, Dictionary<string, AgreedPlan> plans, bool wasLive, DateTimeOffset? graceOver, DateTimeOffset now)
    {
        var plan = subscription.PriceId is { } price ? plans.GetValueOrDefault(price) : null;
        var about = SubscriptionFacts.About(subscription, plan);
        if (!wasLive && subscription is { IsLive: true, Ending: null })
        {
            var cost = plan is null ? (Money?)null : SubscriptionFacts.Cost(subscription, plan);
            Enqueue(new SubscriptionStarted(about, subscription.Status == SubscriptionStatus.Trialing, cost?.Minor, cost?.Currency.Code, now));
        }

        // One that the provider has given up ends for its owner when the grace does.
        var endedAt = graceOver ?? (wasLive && subscription is { IsOver: true, Ending: null or EndingReason.GraceOver or EndingReason.Reversed } && subscription.GraceEnd(options.Access) is null
            ? subscription.EndedAt ?? now
            : null);
        if (endedAt is { } end)
        {
            Enqueue(new SubscriptionEnded(about, end, SubscriptionFacts.CauseOf(subscription), now));
        }
    }

    private void TellInvoices(Subscription subscription, Dictionary<string, AgreedPlan> plans, List<Invoice> invoices, SubscriptionNews news, IReadOnlyList<NewsResult> results, DateTimeOffset now)
    {
        var about = SubscriptionFacts.About(subscription, subscription.PriceId is { } price ? plans.GetValueOrDefault(price) : null);
        var waiting = results.Where(r => r is { Effect: ReportEffect.Changed, Payment: { Status: PaymentStatus.RequiresAction, Flow: PaymentFlow.Invoice } }).Select(r => r.Payment!.InvoiceId).ToHashSet(StringComparer.Ordinal);
        foreach (var invoice in invoices.Where(i => waiting.Contains(i.GatewayId)))
        {
            Enqueue(new InvoiceActionRequired(
                about, invoice.GatewayId, invoice.AmountDue.Minor, invoice.AmountDue.Currency.Code, invoice.HostedUrl, subscription.GraceEnd(options.Access), now));
        }

        // Whether a first try failed for good or waits for the buyer's bank, its intent tells, which an event may not know yet.
        // What the checkout itself could not collect is told as a failed payment.
        foreach (var invoice in invoices.Where(i => (i.IntentId is not null || news.IsFresh) && !(i.Reason == BillingReason.SubscriptionCreate && subscription.PaymentId is not null) && i.TellFailure() && InvoiceReports.IntentOf(i, news)?.Status != IntentStatus.RequiresAction))
        {
            Enqueue(new InvoicePaymentFailed(
                about, invoice.GatewayId, invoice.AttemptCount, invoice.AmountDue.Minor, invoice.AmountDue.Currency.Code, invoice.HostedUrl, invoice.NextAttemptAt, subscription.GraceEnd(options.Access), now));
        }
    }

    /// <summary>Whichever of a user's subscriptions brought the news, it may be another one that gives way.</summary>
    private async Task TellRefusedAsync(IEnumerable<Subscription> refused, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var loser in refused)
        {
            Enqueue(new SubscriptionRefused(SubscriptionFacts.About(loser, await PlanPrices.AgreedAsync(db, loser, cancellationToken)), loser.Ending!.Value.ToString(), now));
        }
    }

    private void Enqueue(PaymentFact fact) => db.Enqueue(fact.ToMessage(ids.Next(), clock.GetUtcNow()));
}
